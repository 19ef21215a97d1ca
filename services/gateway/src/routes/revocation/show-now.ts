import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import { findLastPace, findRevocation } from '@portcullis/db/queries/revocation'
import { listSample } from '@portcullis/db/queries/revocation-target'
import { withStore } from '@portcullis/db/transaction'
import type { AppDeps } from '../../app-deps.ts'
import { showRevocation, showSampled } from './show.ts'

const sampledMost = 20

/** A bulk revocation as it stands at this moment; its sample only before it begins. Throws `not_found`. */
export async function showRevocationNow(
  { database, limits }: Pick<AppDeps, 'database' | 'limits'>,
  id: Id<'revocation'>,
) {
  return withStore(database, async (queries) => {
    const row = await findRevocation(queries, id)
    if (!row) throw new Failure('not_found')
    const isWaiting = row.state === 'draft' || row.state === 'approved'
    const sample = isWaiting ? await listSample(queries, row, limits, sampledMost) : []
    const lastPace = isWaiting ? await findLastPace(queries) : undefined
    return { ...showRevocation(row, lastPace), sample: sample.map(showSampled) }
  })
}
