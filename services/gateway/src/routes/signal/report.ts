import { Failure } from '@portcullis/contracts/errors'
import { formatId, type Id } from '@portcullis/contracts/ids'
import type { RiskTaken } from '@portcullis/db/queries/risk-signal'
import { inTransaction, type Tx } from '@portcullis/db/transaction'
import { once } from '@portcullis/domain/idempotency/once'
import { takeSignal } from '@portcullis/domain/signal/take'
import type { AppDeps } from '../../app-deps.ts'
import type { Answer, Call, Route } from '../../http/mount.ts'

/** What is kept for a repeat. */
interface Taken extends Record<string, unknown> {
  readonly id: Id<'riskSignal'>
  readonly taken: RiskTaken
}

/** `POST /v1/signals`. */
export function reportSignalRoute(deps: AppDeps): Route<'reportSignal'> {
  return async (call) => {
    const { client, body, idempotencyKey: key } = call
    const occurredAt = readOccurredAt(body.occurredAt, deps)
    const work = (tx: Tx) => take(tx, deps, call, occurredAt)
    if (key === undefined) return show(await inTransaction(deps.database, work))
    let done: Taken | undefined
    const keyed = {
      route: 'reportSignal',
      scope: client.id,
      key,
      body: JSON.stringify([body.accountId, body.kind, body.level, body.reason, body.reference ?? null, occurredAt]),
      bodyKey: deps.idempotencyKey,
      status: 202,
      answer: {},
    }
    const result = await once(deps.database, keyed, async (tx) => (done = await work(tx)))
    if (result.kind === 'reused') throw new Failure('idempotency_key_reused')
    // Guarantee: this very route has stored it, under a scope that nobody else uses.
    if (result.kind === 'repeated') return show(result.answer as Taken)
    if (!done) throw new Error('the work of a keyed request was not done')
    return show(done)
  }
}

async function take(
  tx: Tx,
  { riskPolicy }: AppDeps,
  { client, body, caller }: Call<'reportSignal'>,
  occurredAt: Date | null,
): Promise<Taken> {
  const { accountId, kind, level, reason, reference = null } = body
  const report = { accountId, kind, level, reason, reference, occurredAt }
  const signal = await takeSignal(tx, riskPolicy, client, report, caller)
  if (signal.kind !== 'taken') throw new Failure(signal.kind === 'unknown' ? 'not_found' : 'already_there')
  return { id: signal.id, taken: signal.taken }
}

function show({ id, taken }: Taken): Answer {
  return { status: 202, body: { id: formatId('riskSignal', id), taken } }
}

/** Clocks differ: what is a minute ahead is now. */
const aheadMostMs = 60_000

function readOccurredAt(text: string | undefined, { clock }: AppDeps): Date | null {
  if (text === undefined) return null
  const at = new Date(text)
  if (at.getTime() <= clock.now().getTime() + aheadMostMs) return at
  const fault = { pointer: '/occurredAt', code: 'in_the_future', detail: 'must not be in the future' }
  throw new Failure('validation_failed', { faults: [fault] })
}
