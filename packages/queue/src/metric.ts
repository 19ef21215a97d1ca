import { meter } from '@portcullis/runtime/metrics'

const queueMeter = meter()

/** Jobs by message and how their execution ended. */
export const jobsEnded = queueMeter.createCounter('portcullis_jobs_ended', {
  description: 'Executions of jobs, by message and outcome',
})

/** Deliveries that turned out to be duplicates. */
export const deliveriesIgnored = queueMeter.createCounter('portcullis_deliveries_ignored', {
  description: 'Deliveries of jobs that were done, handed out again, or worked on by somebody else',
})

/** Executions that found that a newer one had begun. */
export const leasesLost = queueMeter.createCounter('portcullis_leases_lost', {
  description: 'Executions that lost their job to a newer one and wrote nothing more',
})

/** Seconds from enqueue to the end of the job. */
export const jobSeconds = queueMeter.createHistogram('portcullis_job_seconds', {
  description: 'Seconds from enqueueing a job to its end',
  unit: 's',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] },
})
