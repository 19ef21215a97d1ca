import type { Id } from '@portcullis/contracts/ids'
import { noticeKinds, notices } from '@portcullis/contracts/notice-kind'
import type { Database } from '@portcullis/db/connect'
import { listMutedKinds } from '@portcullis/db/queries/notification-preference'
import { withStore } from '@portcullis/db/transaction'
import { preferNotices } from '@portcullis/domain/notice/prefer'
import type { Answer, Route } from '../../http/mount.ts'

/** `GET /v1/account/notification-preferences`. */
export function getNotificationPreferencesRoute(database: Database): Route<'getNotificationPreferences'> {
  return ({ accountId }) => show(database, accountId)
}

/** `PUT /v1/account/notification-preferences`. */
export function putNotificationPreferencesRoute(database: Database): Route<'putNotificationPreferences'> {
  return async ({ session, body, caller }) => {
    const muted = noticeKinds.filter((kind) => body.kinds[kind]?.mail === false)
    await preferNotices(database, session, muted, caller)
    return show(database, session.accountId)
  }
}

async function show(database: Database, accountId: Id<'account'>): Promise<Answer> {
  const muted = await withStore(database, (queries) => listMutedKinds(queries, accountId))
  const kinds = noticeKinds.map((kind) => {
    const { security } = notices[kind]
    return [kind, { security, mail: security || !muted.has(kind) }]
  })
  return { status: 200, body: { kinds: Object.fromEntries(kinds) } }
}
