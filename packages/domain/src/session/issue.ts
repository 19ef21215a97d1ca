import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { Id } from '@portcullis/contracts/ids'
import { insertLoginEvent } from '@portcullis/db/queries/login'
import { readLoginHistory } from '@portcullis/db/queries/login-history'
import { evictSessions, insertSession, type SessionLimits, type SessionRow } from '@portcullis/db/queries/session'
import type { Tx } from '@portcullis/db/transaction'
import { upsertKnownDevice } from '@portcullis/db/queries/known-device'
import { describeDevice } from '@portcullis/runtime/device'
import { sha256 } from '@portcullis/runtime/digest'
import { newId, newUuid } from '@portcullis/runtime/id'
import type { Places } from '@portcullis/runtime/place'
import { coarseIp } from '@portcullis/runtime/place'
import { randomToken } from '@portcullis/runtime/random'
import { newSessionToken } from '../api-key/credential-token.ts'
import { type Fact, recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import { notifyOwner } from '../notice/notify.ts'
import { judgeLogin } from './alarm.ts'

/** What opens a session: shown once, in the answer that makes it. */
export interface IssuedSession {
  /** `pcs_` and 256 random bits in base62. */
  readonly token: string
  readonly session: SessionRow
  /** By which this browser is known from now on; opens nothing. */
  readonly deviceToken: string | undefined
}

/** Whose session it is to be. */
export interface SessionSubject {
  readonly accountId: Id<'account'>
  readonly deviceName: string | null
  /** A browser, with what it carries from an earlier login; absent for programs. */
  readonly browser: { readonly deviceToken: string | undefined } | undefined
  /** What was proved: `password`, `password+totp`, `password+backup_code`. */
  readonly factors: string
  readonly secondFactor: boolean
}

/**
 * Issues a session in the transaction that has the account locked and found unchanged: the session, those that give way
 * to it, the history, the audit events, and a notice where there is something about it that the history did not lead to expect.
 */
export async function issueSession(
  tx: Tx,
  subject: SessionSubject,
  caller: Caller,
  places: Places,
  limits: SessionLimits,
): Promise<IssuedSession> {
  const { accountId } = subject
  const { token, hash } = newSessionToken()
  const { country = null } = places.of(caller.ip ?? undefined)
  const device = describeDevice(caller.userAgent ?? undefined)
  const alarm = judgeLogin(await readLoginHistory(tx, accountId, device, country), country)
  const session = await insertSession(
    tx,
    {
      id: newId('session'),
      accountId,
      tokenHash: hash,
      deviceName: subject.deviceName,
      userAgent: caller.userAgent,
      ip: caller.ip,
      country,
      secondFactor: subject.secondFactor,
    },
    limits,
  )
  const deviceToken = subject.browser && (await rememberDevice(tx, accountId, subject.browser.deviceToken))
  const evicted = await evictSessions(tx, accountId, limits)
  await insertLoginEvent(tx, {
    id: newUuid(),
    accountId,
    outcome: 'success',
    factors: subject.factors,
    sessionId: session.id,
    network: caller.ip === null ? null : coarseIp(caller.ip),
    country,
    device,
  })
  await recordFacts(tx, [
    fact('authn_login_success', accountId, session.id, caller, { factors: subject.factors }),
    fact('session_created', accountId, session.id, caller, { evicted: evicted.length }),
    ...evicted.map((id) => fact('session_evicted', accountId, id, caller, { by: session.id })),
    ...(alarm?.action === undefined ? [] : [fact(alarm.action, accountId, session.id, caller, alarm.details)]),
  ])
  if (alarm) await notifyOwner(tx, { accountId, kind: alarm.kind, caller, details: alarm.details })
  return { token, session, deviceToken }
}

/** Notes a browser under the token that it carries, or under a new one. */
async function rememberDevice(tx: Tx, accountId: Id<'account'>, carried: string | undefined): Promise<string> {
  const token = carried !== undefined && deviceTokenForm.test(carried) ? carried : `pcd_${randomToken(32)}`
  await upsertKnownDevice(tx, newUuid(), accountId, sha256(token))
  return token
}

const deviceTokenForm = /^pcd_[A-Za-z0-9_-]{43}$/

function fact(
  action: AuditAction,
  accountId: Id<'account'>,
  sessionId: string,
  caller: Caller,
  details: Record<string, unknown>,
): Fact {
  return {
    action,
    accountId,
    actor: 'account',
    actorId: accountId,
    subject: { kind: 'session', id: sessionId },
    requestId: caller.requestId,
    details,
  }
}
