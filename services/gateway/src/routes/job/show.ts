import { formatId } from '@portcullis/contracts/ids'
import type { JobRow } from '@portcullis/db/queries/dead-job'

/** A job as operators see it. */
export function showJob(job: JobRow): Record<string, unknown> {
  return {
    id: formatId('job', job.id),
    message: job.message,
    hearer: job.hearer,
    state: job.state,
    running: job.running,
    attempts: job.attempts,
    generation: job.generation,
    code: job.code,
    payload: job.payload,
    createdAt: job.createdAt.toISOString(),
    dueAt: job.dueAt.toISOString(),
    endedAt: job.endedAt?.toISOString() ?? null,
  }
}
