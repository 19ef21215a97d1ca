import type { Id } from '@portcullis/contracts/ids'
import type { Tx } from '../transaction.ts'

/** How bad it looks. */
export type RiskLevel = 'low' | 'medium' | 'high'

/** What was done about a signal. */
export type RiskTaken = 'noted' | 'notice' | 'step_up' | 'lockdown'

/** A signal to be written. */
export interface NewRiskSignal {
  readonly id: Id<'riskSignal'>
  readonly clientId: Id<'apiClient'>
  readonly accountId: Id<'account'>
  readonly kind: 'verdict' | 'transaction'
  readonly level: RiskLevel
  readonly reason: string
  readonly reference: string | null
  /** Null: now. */
  readonly occurredAt: Date | null
  readonly taken: RiskTaken
}

/** Writes a signal; `false` where its client has used the reference already. */
export async function insertRiskSignal(tx: Tx, signal: NewRiskSignal): Promise<boolean> {
  const rows = await tx.sql`
    insert into risk_signals (id, client_id, account_id, kind, level, reason, reference, occurred_at, taken)
    values (${signal.id}, ${signal.clientId}, ${signal.accountId}, ${signal.kind}, ${signal.level}, ${signal.reason},
      ${signal.reference}, coalesce(${signal.occurredAt}, now()), ${signal.taken})
    on conflict (client_id, reference) where reference is not null do nothing returning id`
  return rows.length === 1
}

/** Reads the signal that a client gave a reference. Uses `risk_signals_reference`. */
export async function findReferredSignal(
  tx: Tx,
  clientId: Id<'apiClient'>,
  reference: string,
): Promise<
  { readonly id: Id<'riskSignal'>; readonly accountId: Id<'account'>; readonly taken: RiskTaken } | undefined
> {
  const [row] = await tx.sql<{ id: Id<'riskSignal'>; accountId: Id<'account'>; taken: RiskTaken }[]>`
    select id, account_id as "accountId", taken from risk_signals
    where client_id = ${clientId} and reference = ${reference}`
  return row
}

/** How an account stood before a signal. */
export interface RiskStanding {
  /** Level of the last signal; null where there was none. */
  readonly level: RiskLevel | null
  /** A step-up was asked for within the window, and no session of the account has been proved since. */
  readonly unanswered: boolean
}

/** Reads how an account stands. It must be locked by this transaction. Uses `risk_signals_account`, `sessions_active`. */
export async function findRiskStanding(tx: Tx, accountId: Id<'account'>, windowSeconds: number): Promise<RiskStanding> {
  const [row] = await tx.sql<RiskStanding[]>`
    select
      (select level from risk_signals where account_id = ${accountId} order by received_at desc, id desc limit 1) as level,
      exists (
        select from risk_signals as signal
        where signal.account_id = ${accountId} and signal.taken = 'step_up'
          and signal.received_at > now() - ${windowSeconds} * interval '1 s'
          and not exists (
            select from sessions as session
            where session.account_id = ${accountId} and session.revoked_at is null
              and session.proved_at > signal.received_at)
      ) as unanswered`
  return row ?? { level: null, unanswered: false }
}

/** Makes every session of an account one that was proved long ago; returns how many. Uses `sessions_active`. */
export async function voidProofs(tx: Tx, accountId: Id<'account'>): Promise<number> {
  const rows = await tx.sql`
    update sessions set proved_at = least(proved_at, now() - interval '365 days')
    where account_id = ${accountId} and revoked_at is null returning id`
  return rows.length
}
