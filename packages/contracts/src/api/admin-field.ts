import { z } from 'zod'
import { lineOfText } from './field.ts'

/** Why one of the staff does this: kept with the audit event, shown to auditors. */
export const staffReasonField = lineOfText(500)
  .refine((text) => text.trim().length >= 10, 'must say why, in 10 characters or more')
  .meta({
    description: 'Why: kept with the audit event. No secrets, please.',
    examples: ['Ticket 4711: asked by phone'],
  })

/** How many rows a page has; `most` 200. */
export const pageLimitField = z
  .string()
  .regex(/^([1-9]\d?|1\d\d|200)$/, 'must be a whole number from 1 to 200')
  .transform(Number)
  .optional()
  .meta({ description: 'Entries on a page; 50 if absent.', examples: ['50'] })

/** Where the page before ended. */
export const pageCursorField = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be a nextCursor of an earlier page')
  .optional()
  .meta({ description: '`nextCursor` of the page before.', examples: ['0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] })
