import { isStoreAway } from '@portcullis/db/transaction'
import { backoffMs } from '@portcullis/runtime/backoff'
import type { Logger } from '@portcullis/runtime/log'

/** How long to wait between looks. */
const pauses = { baseMs: 100, capMs: 2000 }

/**
 * Repeats `work` until the store answers: the ledger can say nothing meanwhile. Any other failure is thrown at once, and
 * so is the store's once `stopping` is aborted.
 */
export async function untilStoreAnswers<T>(work: () => Promise<T>, stopping: AbortSignal, log: Logger): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isStoreAway(error) || stopping.aborted) throw error
      if (attempt === 1) log.warn({ err: error }, 'the store is away: waiting for it')
      await pause(backoffMs(attempt, pauses), stopping)
    }
  }
}

function pause(milliseconds: number, stopping: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      stopping.removeEventListener('abort', over)
      resolve()
    }
    const timer = setTimeout(over, milliseconds)
    stopping.addEventListener('abort', over)
  })
}
