import type { OpenApiParameter, OpenApiWebhook } from './openapi-document.ts'
import { testEvent, webhookEventNames, webhookEvents } from './webhook-event.ts'

const description =
  'Posted to every endpoint that subscribed, at least once: an event that was seen before has the same webhook-id. Verify the ' +
  'signature over `{webhook-id}.{webhook-timestamp}.{raw body}` with a library of Standard Webhooks 1.0.0, and refuse a ' +
  'timestamp that is more than five minutes off. Answer 2xx within 15 seconds, before you do the work.'

const parameters: readonly OpenApiParameter[] = [
  header('webhook-id', 'Names the delivery, the same for every attempt.', 'msg_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'),
  header('webhook-timestamp', 'When this attempt was made, in seconds since 1970.', '1795338847'),
  header(
    'webhook-signature',
    'One signature, or two while a former secret is good: `v1,` and the HMAC-SHA256 in base64, separated by spaces.',
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  ),
]

const responses = {
  '2XX': { description: 'Taken. The body is not read.' },
  '410': { description: 'The endpoint is no more: it is disabled.' },
  '429': { description: 'Too fast. `Retry-After` is honoured, also of 502, 503 and 504.' },
  default: { description: 'Not taken; redirects are not followed. Tried ten times within about three days.' },
}

/** The `webhooks` of the document: one for each event that can be subscribed to, and the test. */
export function webhookOperations(): Readonly<Record<string, OpenApiWebhook>> {
  const events = webhookEventNames.map((name): [string, string] => [name, webhookEvents[name].summary])
  const all = [...events, [testEvent.name, 'An admin asked for a test.'] as const]
  return Object.fromEntries(all.map(([name, summary]) => [name, { post: operationOf(name, summary) }]))
}

function operationOf(name: string, summary: string): OpenApiWebhook['post'] {
  const schema = { $ref: '#/components/schemas/WebhookEvent' }
  return {
    operationId: `on${name.replaceAll(/(^|[._])(\w)/g, (_, _mark, letter: string) => letter.toUpperCase())}`,
    tags: ['Webhooks'],
    summary,
    description,
    parameters,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses,
  }
}

function header(name: string, text: string, example: string): OpenApiParameter {
  return { name, in: 'header', description: text, required: true, schema: { type: 'string' }, example }
}
