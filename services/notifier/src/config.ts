import { mailSettings } from '@portcullis/mail/setting'
import { workerSettings } from '@portcullis/queue/setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { serviceSettings } from '@portcullis/runtime/service'

/** Settings of the notifier. */
export const settings = {
  ...serviceSettings,
  ...workerSettings,
  ...mailSettings,
  MAILS_PER_RECIPIENT_HOUR: integer({
    reason: 'mails of one kind to one recipient within an hour, so that nobody can flood an inbox',
    example: '5',
    default: 5,
    min: 1,
    max: 1000,
  }),
} as const

/** What they come to. */
export type NotifierConfig = Config<typeof settings>
