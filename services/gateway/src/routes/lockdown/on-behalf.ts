import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { endSessionsOnBehalf, type OnBehalf, startResetOnBehalf } from '@portcullis/domain/account/on-behalf'
import type { Caller } from '@portcullis/domain/caller'
import { once } from '@portcullis/domain/idempotency/once'
import { lockByOther } from '@portcullis/domain/lockdown/by-other'
import type { AppDeps } from '../../app-deps.ts'
import type { Answer, Call, Routes } from '../../http/mount.ts'
import { answerOpened, type OpenedLockdownAnswer, readCompromisedSince } from './opened.ts'

const accepted = { status: 'accepted' } as const

type OnBehalfCalls =
  | 'lockAccount'
  | 'lockAccountAsStaff'
  | 'startAccountReset'
  | 'startAccountResetAsStaff'
  | 'endAccountSessions'
  | 'endAccountSessionsAsStaff'

/** The calls on somebody else's account: of clients under `/v1/accounts/{id}`, of staff under `/v1/admin/accounts/{id}`. */
export function onBehalfRoutes(deps: AppDeps): Pick<Routes, OnBehalfCalls> {
  return {
    lockAccount: async (call) => lock(deps, 'lockAccount', call, byClient(call, call.body.reason ?? null)),
    lockAccountAsStaff: async (call) => lock(deps, 'lockAccountAsStaff', call, byStaff(call, call.body.reason)),
    startAccountReset: async (call) => startReset(deps, 'startAccountReset', call, byClient(call, null)),
    startAccountResetAsStaff: async (call) =>
      startReset(deps, 'startAccountResetAsStaff', call, byStaff(call, call.body.reason)),
    endAccountSessions: async (call) => endSessions(deps, call.params.id, byClient(call, null)),
    endAccountSessionsAsStaff: async (call) => endSessions(deps, call.params.id, byStaff(call, call.body.reason)),
  }
}

function byClient({ client, caller }: Pick<Call<'lockAccount'>, 'client' | 'caller'>, reason: string | null): OnBehalf {
  return { actor: 'api_client', actorId: client.id, reason, caller }
}

function byStaff(
  { session, caller }: Pick<Call<'lockAccountAsStaff'>, 'session' | 'caller'>,
  reason: string,
): OnBehalf {
  if (session.role === 'member') throw new Failure('not_allowed')
  return { actor: session.role, actorId: session.accountId, reason, caller }
}

/** What is the same for clients and staff. */
interface Asked {
  readonly params: { readonly id: Id<'account'> }
  readonly caller: Caller
  readonly idempotencyKey: string | undefined
}

async function lock(
  deps: AppDeps,
  route: string,
  call: Asked & { readonly body: { readonly compromisedSince?: string | undefined } },
  by: OnBehalf,
): Promise<Answer> {
  const accountId = call.params.id
  const compromisedSince = readCompromisedSince(call.body.compromisedSince, deps.clock)
  const said = [accountId, by.reason, compromisedSince]
  const opened = await onceFor(
    deps,
    route,
    call.idempotencyKey,
    by,
    said,
    async (tx): Promise<OpenedLockdownAnswer> => {
      const result = await lockByOther(tx, by, { accountId, reason: by.reason, compromisedSince })
      if (!result) throw new Failure('not_found')
      return { id: result.lockdown.id, state: result.lockdown.state }
    },
  )
  return answerOpened(deps.watchKeys, opened)
}

async function startReset(deps: AppDeps, route: string, call: Asked, by: OnBehalf): Promise<Answer> {
  const { id } = call.params
  await onceFor(deps, route, call.idempotencyKey, by, [id, by.reason], async (tx) => {
    if (!(await startResetOnBehalf(tx, by, id))) throw new Failure('not_found')
    return accepted
  })
  return { status: 202, body: accepted }
}

async function endSessions(deps: AppDeps, id: Id<'account'>, by: OnBehalf): Promise<Answer> {
  const revoked = await inTransaction(deps.database, (tx) => endSessionsOnBehalf(tx, by, id))
  if (revoked === undefined) throw new Failure('not_found')
  return { status: 200, body: { revoked } }
}

/** Does it once for an `Idempotency-Key`, and answers a repeat as the first. */
async function onceFor<A extends Record<string, unknown>>(
  deps: AppDeps,
  route: string,
  key: string | undefined,
  by: OnBehalf,
  said: unknown,
  work: (tx: Tx) => Promise<A>,
): Promise<A> {
  const { database } = deps
  if (key === undefined) return inTransaction(database, work)
  let done: A | undefined
  const body = JSON.stringify(said)
  const keyed = { route, scope: by.actorId, key, body, bodyKey: deps.idempotencyKey, status: 202, answer: {} }
  const result = await once(database, keyed, async (tx) => (done = await work(tx)))
  if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
  // Guarantee: `work` of this very route has stored it, under a scope that nobody else uses.
  if (result.kind === 'repeated') return result.answer as A
  if (!done) throw new Error('the work of a keyed request was not done')
  return done
}
