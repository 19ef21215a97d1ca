import type { Database } from '@portcullis/db/connect'
import { type Lag, measureLag } from '@portcullis/db/queries/job-upkeep'
import { withStore } from '@portcullis/db/transaction'
import { meter } from '@portcullis/runtime/metrics'

let latest: readonly Lag[] = []

const gauges = {
  pending: meter().createObservableGauge('portcullis_jobs_pending', { description: 'Jobs that wait in the ledger' }),
  published: meter().createObservableGauge('portcullis_jobs_published', { description: 'Jobs handed to a queue' }),
  dead: meter().createObservableGauge('portcullis_jobs_dead', { description: 'Jobs that wait for an operator' }),
  oldestSeconds: meter().createObservableGauge('portcullis_jobs_oldest_seconds', {
    description: 'Seconds since the oldest unfinished job of a service was due: the signal to scale by',
    unit: 's',
  }),
}
for (const [name, gauge] of Object.entries(gauges)) {
  gauge.addCallback((result) => {
    for (const lag of latest) result.observe(lag[name as keyof typeof gauges], { service: lag.hearer })
  })
}

/** One measurement of how far behind each service is, for the metrics endpoint. */
export async function observeLag(database: Database): Promise<void> {
  latest = await withStore(database, measureLag)
}
