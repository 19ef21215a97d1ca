import { asId, formatId } from '@portcullis/contracts/ids'
import type { WatchedOperation } from '@portcullis/domain/operation/watch'
import { showStep } from '../lockdown/show.ts'

/** An operation as somebody may see it. */
export function showOperation({ operation, steps, names }: WatchedOperation) {
  const { lockdownState, recovery } = operation
  return {
    id: formatId('operation', operation.id),
    kind: operation.kind,
    status: operation.status,
    progress: { done: operation.done, total: operation.total, ...speedOf(operation) },
    lockdown:
      lockdownState === null || recovery === null
        ? null
        : { id: formatId('lockdown', asId('lockdown', operation.id)), state: lockdownState, recovery },
    steps: steps.map((step) => showStep(step, names)),
    error: operation.errorCode === null ? null : { code: operation.errorCode },
    createdAt: operation.createdAt.toISOString(),
    updatedAt: operation.updatedAt.toISOString(),
    endedAt: operation.endedAt?.toISOString() ?? null,
  }
}

/** Nothing where it is not known: only bulk revocations tell how fast they are. */
function speedOf({ done, total, perSecond }: WatchedOperation['operation']) {
  if (perSecond === null) return {}
  return { perSecond: Math.round(perSecond * 10) / 10, remainingSeconds: Math.ceil((total - done) / perSecond) }
}
