import { expect, it } from 'vitest'
import { webhookOperations } from './openapi-webhook.ts'
import { buildOpenApi } from './openapi.ts'
import { testEvent, webhookEventNames } from './webhook-event.ts'

it('every event that can be subscribed to is documented once, with headers, body and answers', () => {
  const document = buildOpenApi({ title: 'Portcullis', serverUrl: 'https://account.acme.example' })
  expect(Object.keys(document.webhooks).toSorted()).toEqual([...webhookEventNames, testEvent.name].toSorted())
  const operationIds = Object.values(document.webhooks).map(({ post }) => post.operationId)
  expect(new Set(operationIds).size).toBe(operationIds.length)
  expect(document.components.schemas['WebhookEvent']?.properties?.['type']?.enum).toEqual([
    ...webhookEventNames,
    testEvent.name,
  ])
  for (const { post } of Object.values(document.webhooks)) {
    expect(post.parameters.map(({ name }) => name)).toEqual(['webhook-id', 'webhook-timestamp', 'webhook-signature'])
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['2XX', '410', '429']))
  }
})

it('an event is named as in its call', () => {
  expect(webhookOperations()['two_factor.enabled']?.post.operationId).toBe('onTwoFactorEnabled')
})
