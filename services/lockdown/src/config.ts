import { workerSettings } from '@portcullis/queue/setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { failpointSettings } from '@portcullis/runtime/failpoint'
import { serviceSettings } from '@portcullis/runtime/service'

/** Settings of the lockdown service. */
export const settings = {
  ...serviceSettings,
  ...workerSettings,
  ...failpointSettings,
  LOCKDOWN_LEASE_SECONDS: integer({
    reason: 'how long nobody else takes up a lockdown whose worker has died; longer than one takes',
    example: '5',
    default: 5,
    min: 1,
    max: 300,
  }),
} as const

/** What they come to. */
export type LockdownConfig = Config<typeof settings>
