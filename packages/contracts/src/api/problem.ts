import { z } from 'zod'
import { errors, type ErrorCode } from '../errors.ts'

/** Where the `type` of a problem leads: the documentation of its code. */
export const problemTypeBase = '/docs/problems#'

const codes = Object.keys(errors) as [ErrorCode, ...ErrorCode[]]

const faultSchema = z.strictObject({
  pointer: z.string().meta({ description: 'The field, as a JSON Pointer (RFC 6901); empty for the request itself.' }),
  code: z.string().meta({ description: 'Which rule; stable.' }),
  detail: z.string().meta({ description: 'The rule in words. Never repeats what was sent.' }),
})

/** The body of every refusal, served as `application/problem+json`. Source: RFC 9457 section 3. */
export const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: 'Leads to the documentation of the code.' }),
    code: z.enum(codes).meta({ description: 'Stable: decide by it, and show `title` or `detail` to people.' }),
    title: z.string().meta({ description: 'The same sentence for every problem of this code.' }),
    status: z.int().meta({ description: 'The status of the answer.' }),
    detail: z.string().meta({ description: 'What went wrong this time.' }),
    requestId: z.string().meta({ description: 'Names the request in our logs; also in `X-Request-Id`.' }),
    errors: z.array(faultSchema).optional().meta({ description: 'Each broken rule, all of them at once.' }),
  })
  .meta({ id: 'Problem', description: 'Why a request was refused (RFC 9457).' })

/** The body of a refusal. */
export type Problem = z.infer<typeof problemSchema>
