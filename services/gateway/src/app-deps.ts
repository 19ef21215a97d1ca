import type { Database } from '@portcullis/db/connect'
import type { PasswordHasher } from '@portcullis/domain/password/hash'
import type { PasswordVetter } from '@portcullis/domain/password/vet'
import type { SessionLimits } from '@portcullis/db/queries/session'
import type { Clock } from '@portcullis/runtime/clock'
import type { Sealer } from '@portcullis/runtime/seal'
import type { Places } from '@portcullis/runtime/place'
import type { FrameOptions } from './http/frame.ts'
import type { PageOptions } from './page/page-table.ts'

/** What the app works with. */
export interface AppDeps extends FrameOptions {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly vet: PasswordVetter
  /** Bodies of requests with an `Idempotency-Key` are told apart by an HMAC under it: they may hold a password. */
  readonly idempotencyKey: Uint8Array
  readonly bodyBytesMost: number
  readonly sealer: Sealer
  readonly clock: Clock
  readonly places: Places
  readonly limits: SessionLimits
  /** Origin of our own pages. */
  readonly origin: string
  readonly pages: PageOptions
}
