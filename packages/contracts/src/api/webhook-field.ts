import { z } from 'zod'
import { webhookEventNames } from '../webhook-event.ts'
import { keyNameField } from './field.ts'

/** Where events go. */
export const urlField = z
  .string()
  .min(1, 'must not be empty')
  .max(2000, 'must have at most 2000 characters')
  .meta({
    description: 'Where events are posted: https on port 443, a public address, no credentials, no fragment.',
    examples: ['https://hooks.acme.example/portcullis'],
  })

/** What is subscribed to. */
export const eventsField = z
  .array(z.enum(['*', ...webhookEventNames], 'must be the name of an event, or *'))
  .min(1, 'must name at least one event; * stands for all')
  .max(100, 'must name at most 100 events')
  .meta({
    description: 'Which events; `*` stands for all of this release.',
    examples: [['account.locked', 'session.revoked']],
  })

/** What an endpoint is sent. */
export const formatField = z.enum(['webhook', 'security_event'], 'must be webhook or security_event').meta({
  description: 'A signed webhook (Standard Webhooks), or a security event token (RFC 8417) pushed as RFC 8935 has it.',
  examples: ['webhook'],
})

/** A wish for an endpoint: a webhook, or a receiver of security events with its `audience`. */
export const newWebhookSchema = z
  .strictObject({
    format: formatField.optional(),
    url: urlField,
    description: keyNameField,
    events: eventsField,
    audience: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters without spaces')
      .optional()
      .meta({ description: 'Of a receiver of security events, which needs it: `aud` of its tokens.' }),
    authorization: z
      .string()
      .regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,1998}[\x21-\x7e])?$/, 'must be 1 to 2000 printable ASCII characters')
      .optional()
      .meta({ description: 'Of a receiver of security events: sent as `Authorization`. Kept sealed, never shown.' }),
  })
  .refine((body) => (body.format === 'security_event') === (body.audience !== undefined), {
    path: ['audience'],
    message: 'must be given for a receiver of security events, and for no other',
  })
  .refine((body) => body.format === 'security_event' || body.authorization === undefined, {
    path: ['authorization'],
    message: 'must be given for receivers of security events only',
  })
  .meta({
    examples: [{ url: 'https://hooks.acme.example/portcullis', description: 'Fraud desk', events: ['account.locked'] }],
  })
