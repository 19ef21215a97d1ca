import { purgeCorrespondence } from '@portcullis/domain/correspondence/purge'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'

/** Rows of one short transaction, of each kind. */
const chunkRows = 500

/** Deletes registrations, mail records, notices and idempotency keys that have outlived their use, chunk by chunk. */
export function handlePurgeExpired(): SequenceHandler<'purge.expired'> {
  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run(_job, step) {
      for (;;) {
        if ((await step((tx) => purgeCorrespondence(tx, chunkRows))) < chunkRows) return done
      }
    },
  }
}
