import { purgeResets } from '@portcullis/domain/reset/purge'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'

/** Rows of one short transaction. */
const chunkRows = 500

/** Ends expired reset tokens and deletes old requests, chunk by chunk. Starting again finds what is left. */
export function handlePurgeExpired(): SequenceHandler<'purge.expired'> {
  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run(_job, step) {
      for (;;) {
        const { ended, deleted } = await step((tx) => purgeResets(tx, chunkRows))
        if (ended < chunkRows && deleted < chunkRows) return done
      }
    },
  }
}
