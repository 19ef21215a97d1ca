import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { type Lag, measureLag } from '@portcullis/db/queries/job-upkeep'
import { listQueuePauses, type QueuePause } from '@portcullis/db/queries/queue-pause'
import { withStore } from '@portcullis/db/transaction'
import { queueNames } from './rules.ts'

/** How far behind a service is, and what was paused of its queue. */
export interface QueueState extends Lag {
  readonly pauses: readonly QueuePause[]
}

/** Every queue of the house, or the one that is named, as the ledger knows them: also while Redis is away. */
export async function listQueueStates(
  database: Database,
  names: readonly Service[] = queueNames,
): Promise<QueueState[]> {
  const [lags, pauses] = await withStore(database, (queries) =>
    Promise.all([measureLag(queries), listQueuePauses(queries)]),
  )
  return names.map((hearer) => ({
    ...(lags.find((lag) => lag.hearer === hearer) ?? idle(hearer)),
    pauses: pauses.filter((pause) => pause.hearer === hearer),
  }))
}

function idle(hearer: Service): Lag {
  return { hearer, pending: 0, due: 0, published: 0, running: 0, dead: 0, oldestSeconds: 0 }
}
