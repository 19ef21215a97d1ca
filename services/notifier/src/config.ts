import { mailSettings } from '@portcullis/mail/setting'
import { workerSettings } from '@portcullis/queue/setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { outboundSettings } from '@portcullis/runtime/outbound-setting'
import { serviceSettings } from '@portcullis/runtime/service'
import { supportSettings } from './support-setting.ts'

/** Settings of the notifier. */
export const settings = {
  ...serviceSettings,
  ...workerSettings,
  ...mailSettings,
  ...outboundSettings,
  ...supportSettings,
  WEBHOOK_TIMEOUT_MS: integer({
    reason: 'how long a receiver of webhooks may take (Standard Webhooks asks for 15 to 30 seconds)',
    example: '15000',
    default: 15_000,
    min: 100,
    max: 30_000,
  }),
  NOTICE_REST_SECONDS: integer({
    reason: 'after a mail of a kind that is not urgent, the next of that kind to the same owner waits so long',
    example: '600',
    default: 600,
    min: 0,
    max: 86_400,
  }),
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
