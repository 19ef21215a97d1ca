import type { Problem } from './api/problem.ts'
import { problemTypeBase } from './api/problem.ts'
import { errorHelp } from './error-help.ts'
import { errors, type ErrorCode, type Fault } from './errors.ts'
import type { OpenApiDocument, OpenApiHeader, OpenApiParameter } from './openapi-document.ts'

const requestId = '0198c0de-7a11-7e57-8000-5ec0de5ec0de'

/** Headers that a caller may send. `Traceparent` and `X-Request-Id` on every call. */
export const parameterComponents = {
  RequestId: {
    name: 'X-Request-Id',
    in: 'header',
    description:
      'Your name for this request: 8 to 64 of A-Z a-z 0-9 _ . -; anything else is replaced by one of ours. Also in the answer and in our log.',
    schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]{8,64}$' },
    example: requestId,
  },
  Traceparent: {
    name: 'Traceparent',
    in: 'header',
    description: 'W3C trace context: the trace goes on through every job that the request causes.',
    schema: { type: 'string' },
    example: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      'Makes a repeat harmless, for 24 hours: same key and body, same answer and one effect, also when sent at once; same key ' +
      'and other body, 422. 1 to 255 printable ASCII characters without spaces, in double quotes or without.',
    schema: { type: 'string', minLength: 1, maxLength: 257 },
    example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
  },
} as const satisfies Record<string, OpenApiParameter>

/** How a caller shows who it is. */
export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A session token (`pcs_…`), an API key (`pck_…`), the secret of an API client (`pcc_…`) or the token of a rental (`prt_…`).',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-portcullis',
    description: 'The token of a session, for browsers.',
  },
} as const

/** Headers of answers. */
export const headerComponents = {
  RequestId: {
    description: 'Names the request in our log: yours where it was well formed, else one of ours.',
    required: true,
    schema: { type: 'string' },
    example: requestId,
  },
  RetryAfter: {
    description: 'Come back after so many seconds.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '2',
  },
  RateLimitPolicy: {
    description:
      'The limit of attempts that this call counts against: `q` attempts within `w` seconds; without `w`, only a success ' +
      'gives them back (draft-ietf-httpapi-ratelimit-headers). Absent where the call ended before it was counted. Nothing ' +
      'is told of what is counted for an address.',
    required: false,
    schema: { type: 'string' },
    example: '"login";q=30;w=60',
  },
  RateLimit: {
    description: 'How that limit stands: `r` attempts are left, and there are more in `t` seconds.',
    required: false,
    schema: { type: 'string' },
    example: '"login";r=28;t=54',
  },
  WwwAuthenticate: {
    description: 'How to show who you are (RFC 6750).',
    required: true,
    schema: { type: 'string' },
    example: 'Bearer',
  },
  Allow: {
    description: 'The methods that this address knows.',
    required: true,
    schema: { type: 'string' },
    example: 'POST',
  },
} as const satisfies Record<string, OpenApiHeader>

/** Faults that make an example speak. */
const sampleFaults: Partial<Record<ErrorCode, readonly Fault[]>> = {
  validation_failed: [
    { pointer: '/email', code: 'required', detail: 'is required' },
    { pointer: '/role', code: 'unknown_field', detail: 'is not a field of this call' },
  ],
  password_refused: [
    { pointer: '/password', code: 'password_needs_digit', detail: 'must hold a digit' },
    {
      pointer: '/password',
      code: 'password_common',
      detail: 'is among those that are guessed first, also when letters, digits or symbols are swapped or added',
    },
  ],
}

/** An example problem for each code of the catalogue. */
export function exampleComponents(): OpenApiDocument['components']['examples'] {
  const entries = (Object.keys(errors) as ErrorCode[]).map((code) => {
    const { status, title } = errors[code]
    const faults = sampleFaults[code]
    const value: Problem = {
      type: problemTypeBase + code,
      code,
      title,
      status,
      detail: faults ? `${title} See errors.` : title,
      requestId,
      ...(faults ? { errors: [...faults] } : {}),
    }
    return [code, { summary: errorHelp[code].meaning, value }] as const
  })
  return Object.fromEntries(entries)
}
