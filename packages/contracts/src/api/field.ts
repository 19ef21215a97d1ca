import { z } from 'zod'

// oxlint-disable-next-line no-control-regex -- naming the control characters is the purpose of this rule
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/

/** One line of text that a person reads: no control, zero-width or direction-changing characters. */
export function lineOfText(most: number) {
  return z
    .string()
    .min(1, 'must not be empty')
    .max(most, `must have at most ${most} characters`)
    .refine((text) => !control.test(text), 'must not hold control or invisible characters')
}

/** An e-mail address as received. Its exact rules are `domain/email/rules`; here only what a schema can say. */
export const emailField = z
  .string()
  .min(3, 'must be an e-mail address')
  .max(254, 'must have at most 254 characters')
  .refine((text) => !control.test(text), 'must not hold control or invisible characters')
  .meta({ description: 'An e-mail address.', examples: ['ada@example.com'] })

/** A password as received, never trimmed nor folded. Its policy is `domain/password/policy`. */
export const passwordField = z
  .string()
  .min(1, 'must not be empty')
  .max(1024, 'must have at most 1024 characters')
  .meta({ description: 'A password. Every character counts; nothing is trimmed.', format: 'password' })

/** A token from a mailed link. Any wrong one is answered alike, so its form is not told here. */
export const tokenField = z.string().min(1, 'must not be empty').max(512, 'must have at most 512 characters')

/** The answer to calls that never tell what they found. */
export const acceptedSchema = z
  .strictObject({ status: z.literal('accepted') })
  .meta({ id: 'Accepted', description: 'Taken. What follows, follows by mail.' })
