import { withDeadline } from '@portcullis/runtime/deadline'
import type { Logger } from '@portcullis/runtime/log'
import type { Ended, Leased } from './ending.ts'
import type { EffectHandler } from './handler.ts'
import { failed } from './outcome.ts'
import { errorCodeOf } from './settle.ts'

/** The second beat of an effect: acts, outside any transaction and under its deadline. Never rejects. */
export async function actOut(
  handler: EffectHandler<never, unknown, unknown>,
  leased: Leased,
  log: Logger,
): Promise<Ended> {
  const { message } = leased.read.job
  try {
    const receipt = await withDeadline(handler.actSeconds * 1000, message, (signal) => handler.act(leased.plan, signal))
    return { leased, receipt }
  } catch (error) {
    log.warn({ err: error, jobId: leased.owned.id, message }, 'effect failed')
    return { leased, outcome: failed(errorCodeOf(error)) }
  }
}
