import { makeExport, type MakeExportDeps } from '@portcullis/domain/export/make'
import type { SequenceHandler } from '@portcullis/queue/handler'
import { done, skip } from '@portcullis/queue/outcome'

/** Makes the copy that an owner asked for, page by page; a run that was cut begins anew. */
export function handleMakeExport(deps: MakeExportDeps): SequenceHandler<'make.export'> {
  return {
    kind: 'sequence',
    leaseSeconds: 30,
    async run({ payload, traceparent }, step) {
      const made = await makeExport(deps, payload.exportId, traceparent, step)
      if (made === 'ready') return done
      return skip(made === 'gone' ? 'gone' : 'account_not_active')
    },
  }
}
