import type { Database } from '@portcullis/db/connect'
import { findLivingRental, type LivingRental } from '@portcullis/db/queries/rental'
import { withStore } from '@portcullis/db/transaction'
import { rentalTokenHash } from './token.ts'

/** Tells which rental a token opens at this very moment; none where it was given back, or for what is no token of ours. */
export async function resolveRental(database: Database, token: string): Promise<LivingRental | undefined> {
  const hash = rentalTokenHash(token)
  return hash && withStore(database, (queries) => findLivingRental(queries, hash))
}
