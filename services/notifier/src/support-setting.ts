import { optional, secretUrl, setting } from '@portcullis/runtime/config'
import { z } from 'zod'

/** Settings of the ways to the people of support. Both may be set, or none. */
export const supportSettings = {
  SUPPORT_WEBHOOK_URL: optional(
    secretUrl({
      reason: 'incoming webhook of a chat (Slack, Discord or what speaks like them) that is told of lockdowns',
      example: 'https://hooks.slack.com/services/…',
    }),
  ),
  SUPPORT_WEBHOOK_FORMAT: optional(
    setting(z.enum(['slack', 'discord']), {
      reason: 'how that chat is spoken to; without it, by its host',
      example: 'slack',
    }),
  ),
  SUPPORT_EMAIL: optional(
    setting(z.email('must be an address'), {
      reason: 'mailbox of support that is told of lockdowns',
      example: 'security-desk@acme.example',
    }),
  ),
} as const
