import { z } from 'zod'

/** Control, format (zero-width, direction), half and private characters, line and paragraph separators. */
const control = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

/** One line of text that a person reads: no control, zero-width or direction-changing characters. */
export function lineOfText(most: number) {
  return z
    .string()
    .min(1, { error: 'must not be empty', abort: true })
    .max(most, `must have at most ${most} characters`)
    .refine((text) => !control.test(text), 'must not hold control or invisible characters')
}

/** The name of a person, as mails greet them. */
export const nameField = lineOfText(100)
  .refine((text) => /[^\p{Z}\p{M}]/u.test(text), 'must hold something that can be seen')
  .meta({ description: 'How mails greet the owner.', examples: ['Ada'] })

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
  .meta({
    description: 'A password. Every character counts; nothing is trimmed, folded or cut.',
    format: 'password',
    examples: ['plum-Kettle-47-orbit'],
  })

/** A token from a mailed link. Any wrong one is answered alike, so its form is not told here. */
export const tokenField = z
  .string()
  .min(1, 'must not be empty')
  .max(512, 'must have at most 512 characters')
  .meta({
    description: 'The token of a mailed link: what follows `#token=`.',
    examples: ['mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
  })

/** The answer to calls that never tell what they found. */
export const acceptedSchema = z
  .strictObject({ status: z.literal('accepted') })
  .meta({ id: 'Accepted', description: 'Taken. What follows, follows by mail.' })

/** What an owner calls a device or a key. */
export const deviceNameField = lineOfText(60).meta({ description: 'A name for the device.', examples: ['Work laptop'] })

/** What an owner calls a key. */
export const keyNameField = lineOfText(60)
  .refine((text) => /[^\p{Z}\p{M}]/u.test(text), 'must hold something that can be seen')
  .meta({ description: 'A name for the key.', examples: ['Nightly backup'] })

/** A code of a second factor: six digits, or a backup code. Spaces and hyphens do not count. */
export const codeField = z
  .string()
  .min(1, 'must not be empty')
  .max(64, 'must have at most 64 characters')
  .meta({ description: 'A code of the second factor, or a backup code.', examples: ['287082'] })

/** A moment, in UTC. */
export function momentField(description: string) {
  return z.iso.datetime().meta({ description, examples: ['2026-11-22T09:14:07.123Z'] })
}
