import type { Id } from '@portcullis/contracts/ids'
import type { HeardBy, MessageName, Payload } from '@portcullis/contracts/messages/index'
import type { Service } from '@portcullis/contracts/service'
import type { Tx } from '@portcullis/db/transaction'
import type { Outcome } from './outcome.ts'

/** A job as a handler sees it: payload parsed, row locked or leased. */
export interface Job<Name extends MessageName> {
  readonly id: Id<'job'>
  readonly message: Name
  readonly payload: Payload<Name>
  /** Failed executions so far. */
  readonly attempts: number
  readonly createdAt: Date
  /** W3C trace context to hand on to whatever this job causes. */
  readonly traceparent: string
}

/**
 * For what Postgres alone can do. `work` runs in one transaction that has the rows of all `jobs` locked; what it
 * writes and the end of the jobs are committed together, so its effect happens exactly once.
 * Jobs that arrive together come together: answer each by its place. When one throws, all are rolled back and
 * repeated one by one.
 */
export interface TransactionHandler<Name extends MessageName> {
  readonly kind: 'transaction'
  readonly work: (tx: Tx, jobs: readonly Job<Name>[]) => Promise<readonly Outcome[]>
}

/** A plan of an effect; whatever `act` needs to know, made inside the claiming transaction. */
export interface Planned<Plan> {
  readonly kind: 'planned'
  readonly plan: Plan
}

/** One effect that was tried, for `record`. */
export interface Acted<Name extends MessageName, Plan, Receipt> {
  readonly job: Job<Name>
  readonly plan: Plan
  readonly receipt: Receipt
}

/**
 * For what cannot be rolled back (a mail, a webhook), in three beats. `claim`: in a transaction, decide and write down
 * the intent. `act`: outside, under a stable id; at least once, as a crash before `record` repeats it. `record`: in a
 * transaction, only while this execution is still the newest.
 */
export interface EffectHandler<Name extends MessageName, Plan, Receipt> {
  readonly kind: 'effect'
  /** `act` is cut off after so many seconds; the lease lasts a little longer. */
  readonly actSeconds: number
  readonly claim: (tx: Tx, jobs: readonly Job<Name>[]) => Promise<readonly (Planned<Plan> | Outcome)[]>
  readonly act: (plan: Plan, signal: AbortSignal) => Promise<Receipt>
  readonly record: (tx: Tx, acted: readonly Acted<Name, Plan, Receipt>[]) => Promise<readonly Outcome[]>
}

/** Runs one short transaction of a long sequence: it writes only while this execution is the newest, and extends its lease. */
export type Step = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

/**
 * For long work in many short transactions. Each `step` saves its own progress; a resumed run reads what is done and
 * goes on. An execution that lost its lease can write nothing more: its next step throws.
 */
export interface SequenceHandler<Name extends MessageName> {
  readonly kind: 'sequence'
  /** The lease; a single step must take less. */
  readonly leaseSeconds: number
  readonly run: (job: Job<Name>, step: Step, signal: AbortSignal) => Promise<Outcome>
}

/** What a service does on a message. The plan and the receipt of an effect are its own business. */
export type Handler<Name extends MessageName> =
  | TransactionHandler<Name>
  // oxlint-disable-next-line no-explicit-any -- existential: `claim`, `act` and `record` agree among themselves
  | EffectHandler<Name, any, any>
  | SequenceHandler<Name>

/** A handler for each message that `S` hears, no more and no fewer: a missing or misplaced one does not compile. */
export type HandlersFor<S extends Service> = { readonly [Name in HeardBy<S>]: Handler<Name> } & {
  readonly [Name in Exclude<MessageName, HeardBy<S>>]?: never
}

/** Lifts work on one job to work on those that arrived together, one after another in the same transaction. */
export function oneByOne<Name extends MessageName>(
  work: (tx: Tx, job: Job<Name>) => Promise<Outcome>,
): TransactionHandler<Name>['work'] {
  return async (tx, jobs) => {
    const outcomes: Outcome[] = []
    for (const job of jobs) outcomes.push(await work(tx, job))
    return outcomes
  }
}

/** Declares an effect, so that its plan and receipt are inferred. */
export function effect<Name extends MessageName, Plan, Receipt>(
  handler: Omit<EffectHandler<Name, Plan, Receipt>, 'kind'>,
): EffectHandler<Name, Plan, Receipt> {
  return { kind: 'effect', ...handler }
}

/** Wraps a plan. */
export function planned<Plan>(plan: Plan): Planned<Plan> {
  return { kind: 'planned', plan }
}
