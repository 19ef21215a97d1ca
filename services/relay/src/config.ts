import { queueSettings } from '@portcullis/queue/setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { serviceSettings } from '@portcullis/runtime/service'

/** Settings of the relay. */
export const settings = {
  ...serviceSettings,
  ...queueSettings,
  LEDGER_DAYS: integer({
    reason: 'days that done jobs stay in the ledger; dead ones stay three times as long',
    example: '7',
    default: 7,
    min: 1,
    max: 365,
  }),
} as const

/** What they come to. */
export type RelayConfig = Config<typeof settings>
