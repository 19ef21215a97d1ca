import { z } from 'zod'
import { errors, type ErrorCode } from '../errors.ts'

/** Where the `type` of a problem leads: the documentation of its code. */
export const problemTypeBase = '/docs/problems#'

const codes = Object.keys(errors) as [ErrorCode, ...ErrorCode[]]

/** The body of every refusal, served as `application/problem+json`. Source: RFC 9457 section 3. */
export const problemSchema = z
  .strictObject({
    type: z.string(),
    code: z.enum(codes),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    requestId: z.string(),
    errors: z
      .array(z.strictObject({ pointer: z.string(), code: z.string(), detail: z.string() }))
      .optional(),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' })

/** The body of a refusal. */
export type Problem = z.infer<typeof problemSchema>
