import type { Database } from '@portcullis/db/connect'
import type { AuditKeys } from '@portcullis/domain/audit/key'
import type { FailureFloor } from '@portcullis/domain/password/failure-floor'
import type { GithubKeys } from '@portcullis/domain/leak/github-keys'
import type { LeakedClientPolicy } from '@portcullis/domain/leak/report'
import type { PublicSigningKey } from '@portcullis/domain/security-event/signing-key'
import type { RiskPolicy } from '@portcullis/domain/signal/rules'
import type { PasswordHasher } from '@portcullis/domain/password/hash'
import type { PasswordVetter } from '@portcullis/domain/password/vet'
import type { SessionLimits } from '@portcullis/db/queries/session'
import type { Clock } from '@portcullis/runtime/clock'
import type { Outbound } from '@portcullis/runtime/outbound'
import type { Sealer } from '@portcullis/runtime/seal'
import type { Places } from '@portcullis/runtime/place'
import type { MountBoard } from './board/mount-board.ts'
import type { FrameOptions } from './http/frame.ts'
import type { PageOptions } from './page/page-table.ts'
import type { OperationStreams } from './routes/operation/streams.ts'

/** What the app works with. */
export interface AppDeps extends FrameOptions {
  readonly database: Database
  /** The same store with a free planner and patience: for dry runs and reports over many rows. */
  readonly reports: Database
  readonly hasher: PasswordHasher
  readonly floor: FailureFloor
  readonly vet: PasswordVetter
  /** Bodies of requests with an `Idempotency-Key` are told apart by an HMAC under it: they may hold a password. */
  readonly idempotencyKey: Uint8Array
  readonly bodyBytesMost: number
  readonly sealer: Sealer
  /** Seals the secrets of webhook endpoints. */
  readonly webhookSealer: Sealer
  /** Seals copies of what is kept of an owner. */
  readonly exportSealer: Sealer
  /** Days for which an account that its owner wants closed can be kept. */
  readonly closingDays: number
  /** Tells which addresses may be called. */
  readonly outbound: Pick<Outbound, 'check'>
  /** What is done about risk signals, by level. */
  readonly riskPolicy: RiskPolicy
  /** What is done about the secret of an API client that was found in public. */
  readonly leakedClients: LeakedClientPolicy
  readonly githubKeys: GithubKeys
  /** What signs exports of the audit, and what is published of it. */
  readonly auditKeys: AuditKeys
  /** Public keys of security event tokens, the newest first. */
  readonly signingKeys: readonly PublicSigningKey[]
  readonly clock: Clock
  readonly places: Places
  readonly limits: SessionLimits
  /** Keys of watch tokens, the newest first. */
  readonly watchKeys: readonly [Uint8Array, ...Uint8Array[]]
  /** Streams of operations' events, ended when the process is. */
  readonly streams: OperationStreams
  /** Origin of our own pages. */
  readonly origin: string
  readonly pages: PageOptions
  /** The dashboard of the queues; absent where there is no Redis. */
  readonly board?: MountBoard
}
