import { asId, type Id } from '@portcullis/contracts/ids'

/** Keys of all queues start with this, unless a service is told otherwise. */
export const defaultPrefix = 'portcullis'

/** What a queue carries of a job: nothing but its name. The ledger has the rest. */
export type JobData = Record<string, never>

/** The id of one handing-out in its queue. BullMQ ignores an id that it knows and refuses `:` and bare integers. */
export function jobIdOf(dispatch: { readonly id: Id<'job'>; readonly generation: number }): string {
  return `${dispatch.id}_${dispatch.generation}`
}

/** Reads such an id; `undefined` for one that is not of the ledger. */
export function parseJobId(jobId: string | undefined): { id: Id<'job'>; generation: number } | undefined {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})_(\d{1,9})$/.exec(jobId ?? '')
  return match ? { id: asId('job', String(match[1])), generation: Number(match[2]) } : undefined
}
