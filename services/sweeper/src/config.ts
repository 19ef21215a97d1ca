import { workerSettings } from '@portcullis/queue/setting'
import { auditKeySettings } from '@portcullis/runtime/audit-key-setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { masterKeySettings } from '@portcullis/runtime/master-key-ring'
import { serviceSettings } from '@portcullis/runtime/service'
import { anchorSettings } from './anchor-setting.ts'

/** A number of days from `least` on, ten years at most. */
function days(reason: string, shown: number, least: number) {
  return integer({ reason, example: String(shown), default: shown, min: least, max: 3650 })
}

/** How long each kind of thing is kept. What is not here is gone a day after its use is over. */
const retentionSettings = {
  CREDENTIAL_DAYS: days('days that ended sessions and API keys stay: so long their use is told from a guess', 30, 1),
  RESET_DAYS: days('days that requests for a new password stay, for the question who asked for what', 30, 1),
  DELIVERY_DAYS: days('days that records of mails and webhook deliveries stay', 30, 4),
  LOGIN_HISTORY_DAYS: days('days of login history that an owner sees, and that new devices are judged by', 90, 30),
  NOTICE_DAYS: days('days that an owner sees what they were told', 90, 30),
  SIGNAL_DAYS: days('days that what the product reported of an account stays', 90, 30),
  RENTAL_DAYS: days('days that a rental stays after it was given back', 90, 1),
  DEVICE_DAYS: days('days after which a browser that did not come back is a new one', 180, 30),
  OPERATION_DAYS: days('days that finished long work can be asked about', 365, 30),
  AUDIT_DAYS: days('days that audit events stay, with their seals; the store itself refuses less', 365, 181),
  LEDGER_DAYS: days('days that done jobs stay in the ledger; dead ones stay three times as long', 7, 1),
} as const

const paceSettings = {
  SWEEP_ROUND_TRIP_MS: integer({
    reason: 'sweeps make way when a small statement takes longer: logins would wait as long',
    example: '50',
    default: 50,
    min: 1,
    max: 10_000,
  }),
  SWEEP_SECURITY_JOB_SECONDS: integer({
    reason: 'sweeps make way when a security job has been due for longer',
    example: '5',
    default: 5,
    min: 1,
    max: 3600,
  }),
  SWEEP_HELD_SECONDS: integer({
    reason: 'a sweep that has made way for so long ends, and the next tick goes on',
    example: '60',
    default: 60,
    min: 1,
    max: 600,
  }),
} as const

/** Settings of the sweeper. */
export const settings = {
  ...serviceSettings,
  ...workerSettings,
  ...masterKeySettings,
  ...auditKeySettings,
  ...anchorSettings,
  ...retentionSettings,
  ...paceSettings,
} as const

/** What they come to. */
export type SweeperConfig = Config<typeof settings>
