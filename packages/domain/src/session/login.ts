import type { Database } from '@portcullis/db/connect'
import {
  findLoginAccount,
  insertLoginEvent,
  lockUnchangedAccount,
  type LoginAccount,
  type NewLoginEvent,
  updateRehashed,
} from '@portcullis/db/queries/login'
import { findKnownDevice } from '@portcullis/db/queries/known-device'
import { insertLoginChallenge } from '@portcullis/db/queries/login-challenge'
import type { SessionLimits } from '@portcullis/db/queries/session'
import { hasActiveFactor } from '@portcullis/db/queries/two-factor'
import { inTransaction, type Tx, withStore } from '@portcullis/db/transaction'
import { describeDevice } from '@portcullis/runtime/device'
import { sha256 } from '@portcullis/runtime/digest'
import { newUuid } from '@portcullis/runtime/id'
import { coarseIp, type Places } from '@portcullis/runtime/place'
import { randomToken } from '@portcullis/runtime/random'
import { recordFacts } from '../audit/record.ts'
import type { Caller } from '../caller.ts'
import type { FailureFloor } from '../password/failure-floor.ts'
import type { PasswordHasher } from '../password/hash.ts'
import type { TellQuota } from '../throttle/quota.ts'
import { networkRule, passwordRule } from '../throttle/rules.ts'
import { forgetAttempts, takeAttempt, type Throttled } from '../throttle/take.ts'
import { issueSession, type IssuedSession } from './issue.ts'
import { loginCounter } from './login-counter.ts'

/** What a login brings. */
export interface LoginInput {
  readonly emailKey: string
  readonly password: string
  readonly deviceName: string | null
  /** Whether the session is to come as a cookie. */
  readonly cookie: boolean
  /** What the browser carries from an earlier login, if anything. */
  readonly deviceToken: string | undefined
}

/** What came of it. Unknown address, wrong password and disabled account are the same to the caller. */
export type LoginResult =
  | { readonly kind: 'session'; readonly issued: IssuedSession }
  | { readonly kind: 'second_factor'; readonly challenge: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'wait'; readonly waitSeconds: number }

/** What `login` works with. */
export interface LoginDeps {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly floor: FailureFloor
  readonly places: Places
  readonly limits: SessionLimits
}

/** How long a second factor may take to come. */
const challengeSeconds = 300

/**
 * Logs in with address and password. Counted before anything is verified; the same work for unknown addresses, and the
 * same time while there are hashes that take longer than ours. `tell` is told how the network's counter stands, and never
 * that of the address.
 */
export async function login(
  deps: LoginDeps,
  input: LoginInput,
  caller: Caller,
  tell?: TellQuota,
): Promise<LoginResult> {
  const untilFloor = deps.floor.begin()
  const result = await tryLogin(deps, input, caller, tell)
  if (result.kind === 'refused') await untilFloor()
  return result
}

async function tryLogin(
  deps: LoginDeps,
  input: LoginInput,
  caller: Caller,
  tell: TellQuota | undefined,
): Promise<LoginResult> {
  const device = await recognizeDevice(deps.database, input)
  const counted = countersOf(input.emailKey, device, caller)
  const admission = await takeAttempt(deps.database, counted)
  const [network] = admission.quotas
  if (network) tell?.(network)
  const account = await withStore(deps.database, (queries) => findLoginAccount(queries, input.emailKey))
  if (!admission.admitted) {
    await noteFailure(deps, account, 'throttled', caller)
    return { kind: 'wait', waitSeconds: admission.waitSeconds }
  }
  if (!(await isRightPassword(deps.hasher, account, input.password)) || !account) {
    await noteFailure(deps, account, 'wrong_password', caller)
    return { kind: 'refused' }
  }
  if (account.state !== 'active') {
    await noteFailure(deps, account, 'refused', caller)
    return { kind: 'refused' }
  }
  const rehashed = await rehash(deps.hasher, account, input.password)
  return inTransaction(deps.database, async (tx) => {
    // A lockdown, a reset or a revocation of everything since the password was read wins.
    if (!(await lockUnchangedAccount(tx, account))) return { kind: 'refused' }
    if (rehashed && account.passwordHash) await updateRehashed(tx, account.id, account.passwordHash, rehashed)
    await forgetAttempts(
      tx,
      counted.filter((one) => one.rule.kind === 'growing').map((one) => one.name),
    )
    if (await hasActiveFactor(tx, account.id)) return challenge(tx, account, input, caller)
    const { deviceName, deviceToken, cookie } = input
    const browser = cookie ? { deviceToken } : undefined
    const subject = { accountId: account.id, deviceName, browser, factors: 'password', secondFactor: false }
    return { kind: 'session', issued: await issueSession(tx, subject, caller, deps.places, deps.limits) }
  })
}

/** A device that has logged in before is counted apart, so that strangers cannot lock its owner out. */
function countersOf(emailKey: string, deviceId: string | undefined, caller: Caller): Throttled[] {
  const network = caller.ip === null ? 'unknown' : coarseIp(caller.ip)
  return [
    { name: `login|network|${network}`, rule: networkRule },
    { name: loginCounter(emailKey, deviceId), rule: passwordRule },
  ]
}

async function recognizeDevice(database: Database, input: LoginInput): Promise<string | undefined> {
  const { deviceToken, emailKey } = input
  if (deviceToken === undefined) return undefined
  return withStore(database, (queries) => findKnownDevice(queries, emailKey, sha256(deviceToken)))
}

async function isRightPassword(
  hasher: PasswordHasher,
  account: LoginAccount | undefined,
  password: string,
): Promise<boolean> {
  if (!account?.passwordHash) return hasher.verifyNothing(password)
  return hasher.verify(password, account.passwordHash)
}

async function rehash(hasher: PasswordHasher, account: LoginAccount, password: string): Promise<string | undefined> {
  return account.passwordHash && hasher.needsRehash(account.passwordHash) ? hasher.hash(password) : undefined
}

async function challenge(tx: Tx, account: LoginAccount, input: LoginInput, caller: Caller): Promise<LoginResult> {
  const token = `pch_${randomToken(32)}`
  const id = newUuid()
  await insertLoginChallenge(
    tx,
    {
      id,
      accountId: account.id,
      tokenHash: sha256(token),
      epoch: account.securityEpoch,
      deviceName: input.deviceName,
      userAgent: caller.userAgent,
      ip: caller.ip,
      cookie: input.cookie,
    },
    challengeSeconds,
  )
  await recordFacts(tx, [
    {
      action: 'authn_login_challenged',
      accountId: account.id,
      actor: 'anonymous',
      subject: { kind: 'login_challenge', id },
      requestId: caller.requestId,
    },
  ])
  return { kind: 'second_factor', challenge: token }
}

/** Records a failed attempt: for an unknown address too, so that the time of the answer tells nothing. */
async function noteFailure(
  deps: LoginDeps,
  account: LoginAccount | undefined,
  outcome: Extract<NewLoginEvent['outcome'], 'wrong_password' | 'throttled' | 'refused'>,
  caller: Caller,
): Promise<void> {
  const accountId = account?.id ?? null
  const attemptId = newUuid()
  await inTransaction(deps.database, async (tx) => {
    if (accountId !== null) {
      await insertLoginEvent(tx, {
        id: attemptId,
        accountId,
        outcome,
        factors: '',
        sessionId: null,
        network: caller.ip === null ? null : coarseIp(caller.ip),
        country: deps.places.of(caller.ip ?? undefined).country ?? null,
        device: describeDevice(caller.userAgent ?? undefined),
      })
    }
    await recordFacts(tx, [
      {
        action: outcome === 'throttled' ? 'authn_login_fail_max' : 'authn_login_fail',
        accountId,
        actor: 'anonymous',
        subject: { kind: 'login_attempt', id: attemptId },
        requestId: caller.requestId,
        details: { outcome },
      },
    ])
  })
}
