import { notices } from '@portcullis/contracts/notice-kind'
import type { Database } from '@portcullis/db/connect'
import { listActivity, type LoginActivity, type NoticeActivity } from '@portcullis/db/queries/activity'
import { withStore } from '@portcullis/db/transaction'
import { describeDevice } from '@portcullis/runtime/device'
import { coarseIp, placeOfCountry, type Places } from '@portcullis/runtime/place'
import type { Route } from '../../http/mount.ts'

const pageRows = 50

/** `GET /v1/account/activity`. */
export function listActivityRoute(database: Database, places: Places): Route<'listActivity'> {
  return async ({ accountId, query }) => {
    const { limit = pageRows, cursor = null } = query
    // One more than asked for tells whether there is a next page.
    const rows = await withStore(database, (queries) => listActivity(queries, accountId, cursor, limit + 1))
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    return {
      status: 200,
      body: {
        items: page.map((row) => showActivity(row, places)),
        nextCursor: rows.length > limit && last ? last.id.replaceAll('-', '') : null,
      },
    }
  }
}

/** One thing that happened, as the owner and staff see it. */
export function showActivity(row: LoginActivity | NoticeActivity, places: Places) {
  return row.type === 'login' ? showLogin(row) : showNotice(row, places)
}

function showLogin({ type, occurredAt, outcome, factors, network, country, device }: LoginActivity) {
  const location = placeOfCountry(country ?? undefined)
  return { type, occurredAt: occurredAt.toISOString(), outcome, factors, network, location, device }
}

function showNotice({ type, occurredAt, kind, ip, userAgent }: NoticeActivity, places: Places) {
  return {
    type,
    occurredAt: occurredAt.toISOString(),
    kind,
    security: notices[kind].security,
    network: ip === null ? null : coarseIp(ip),
    location: places.of(ip ?? undefined).text,
    device: describeDevice(userAgent ?? undefined),
  }
}
