import { queueSettings } from '@portcullis/queue/setting'
import type { Config } from '@portcullis/runtime/config'
import { serviceSettings } from '@portcullis/runtime/service'

/** Settings of the relay. */
export const settings = {
  ...serviceSettings,
  ...queueSettings,
} as const

/** What they come to. */
export type RelayConfig = Config<typeof settings>
