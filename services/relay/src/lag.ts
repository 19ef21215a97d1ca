import { messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import type { Service } from '@portcullis/contracts/service'
import type { Database } from '@portcullis/db/connect'
import { type Lag, measureLag } from '@portcullis/db/queries/job-upkeep'
import { listQueuePauses, wholeQueue } from '@portcullis/db/queries/queue-pause'
import { withStore } from '@portcullis/db/transaction'
import { meter } from '@portcullis/runtime/metrics'

/** Everybody who hears anything: each has its series from the start, so that 0 and "not measured" differ. */
const hearers = [...new Set(Object.values<Message>(messages).flatMap((message) => message.heardBy))]

/** How one queue stood when it was last measured. */
interface Measured extends Lag {
  /** Pauses of single messages, or of all. */
  readonly pauses: number
  readonly paused: number
}

let latest: readonly Measured[] = []

const gauges = {
  oldestSeconds: meter().createObservableGauge('portcullis_queue_oldest_due_seconds', {
    description: 'Seconds since the oldest unfinished job of a service was due: the signal to scale and to alert by',
    unit: 's',
  }),
  pending: meter().createObservableGauge('portcullis_queue_pending', { description: 'Jobs in the ledger, due or not' }),
  due: meter().createObservableGauge('portcullis_queue_due', { description: 'Jobs in the ledger that are due' }),
  published: meter().createObservableGauge('portcullis_queue_published', {
    description: 'Jobs that were handed out and are not over',
  }),
  running: meter().createObservableGauge('portcullis_queue_running', {
    description: 'Jobs with effects, or long ones, that a worker owns',
  }),
  dead: meter().createObservableGauge('portcullis_queue_dead', { description: 'Jobs that wait for an operator' }),
  pauses: meter().createObservableGauge('portcullis_queue_pauses', {
    description: 'Pauses of a queue, of single messages or of all',
  }),
  paused: meter().createObservableGauge('portcullis_queue_paused', {
    description: '1 while all of a queue is paused: its age is then no reason to scale',
  }),
}
for (const [name, gauge] of Object.entries(gauges)) {
  gauge.addCallback((result) => {
    for (const lag of latest) result.observe(lag[name as keyof typeof gauges], { hearer: lag.hearer })
  })
}

/** One measurement of how far behind each service is, for the metrics endpoint. */
export async function observeLag(database: Database): Promise<void> {
  const [lags, pauses] = await withStore(database, (queries) =>
    Promise.all([measureLag(queries), listQueuePauses(queries)]),
  )
  latest = hearers.map((hearer) => {
    const own = pauses.filter((pause) => pause.hearer === hearer)
    const paused = own.some((pause) => pause.message === wholeQueue) ? 1 : 0
    return { ...(lags.find((lag) => lag.hearer === hearer) ?? idle(hearer)), pauses: own.length, paused }
  })
}

function idle(hearer: Service): Lag {
  return { hearer, pending: 0, due: 0, published: 0, running: 0, dead: 0, oldestSeconds: 0 }
}
