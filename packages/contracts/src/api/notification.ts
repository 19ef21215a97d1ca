import { z } from 'zod'
import { type NoticeKind, noticeKinds, notices } from '../notice-kind.ts'
import { defineEndpoint } from './endpoint.ts'

/** An object with a field of `schema` for every kind of notice. */
function everyKind<S extends z.ZodType>(schema: S) {
  // Guarantee: `noticeKinds` names each kind.
  return z.strictObject(Object.fromEntries(noticeKinds.map((kind) => [kind, schema])) as Record<NoticeKind, S>)
}

const mailField = z
  .boolean()
  .meta({ description: 'Whether it is mailed. It is in the activity either way.', examples: [true] })
const securityField = z.boolean().meta({ description: 'Whether it cannot be switched off.', examples: [true] })

const preferencesSchema = z
  .strictObject({
    kinds: everyKind(z.strictObject({ security: securityField, mail: mailField })).meta({
      description: 'Every kind of notice.',
    }),
  })
  .meta({ id: 'NotificationPreferences', description: 'What an owner is mailed of.' })

const changeSchema = z
  .strictObject({
    kinds: everyKind(z.strictObject({ mail: mailField, security: securityField.optional() }).optional()).meta({
      description: 'Kinds that are not named are mailed. `security` may be sent as it was got; it is not looked at.',
      examples: [{ backup_codes_low: { mail: false } }],
    }),
  })
  .superRefine(({ kinds }, context) => {
    for (const kind of noticeKinds) {
      if (!notices[kind].security || kinds[kind]?.mail !== false) continue
      const message = 'must be true: a security notice cannot be switched off'
      context.addIssue({ code: 'custom', path: ['kinds', kind, 'mail'], message })
    }
  })

/** `GET /v1/account/notification-preferences`: what is mailed. */
export const getNotificationPreferences = defineEndpoint({
  method: 'GET',
  path: '/v1/account/notification-preferences',
  name: 'getNotificationPreferences',
  group: 'Account',
  summary: 'What I am mailed of',
  description: 'Every kind of notice, whether it is about security, and whether it is mailed.',
  access: { kind: 'session', proof: false },
  answers: { 200: preferencesSchema },
  refusals: [],
})

/** `PUT /v1/account/notification-preferences`: choose what is mailed. */
export const putNotificationPreferences = defineEndpoint({
  method: 'PUT',
  path: '/v1/account/notification-preferences',
  name: 'putNotificationPreferences',
  group: 'Account',
  summary: 'Choose what I am mailed of',
  description:
    'Replaces the choice. What is not mailed stays in the activity. Security notices cannot be switched off: an intruder ' +
    'would do so first.',
  access: { kind: 'session', proof: false },
  body: changeSchema,
  answers: { 200: preferencesSchema },
  refusals: ['cross_site_refused'],
})
