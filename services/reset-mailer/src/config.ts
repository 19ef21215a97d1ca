import { mailSettings } from '@portcullis/mail/setting'
import { workerSettings } from '@portcullis/queue/setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { serviceSettings } from '@portcullis/runtime/service'

/** Settings of the reset-mailer. */
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
  RESET_VALID_MINUTES: integer({
    reason: 'how long a reset link opens (ASVS 5 6.5.5 asks for 10, NIST SP 800-63B-4 4.2.1.2 allows a day)',
    example: '30',
    default: 30,
    min: 5,
    max: 60,
  }),
} as const

/** What they come to. */
export type ResetMailerConfig = Config<typeof settings>
