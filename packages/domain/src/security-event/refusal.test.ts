import { expect, it } from 'vitest'
import { readSetRefusal } from './refusal.ts'

it.each([
  'invalid_request',
  'invalid_key',
  'invalid_issuer',
  'invalid_audience',
  'authentication_failed',
  'access_denied',
])('a receiver that says %s is quoted', (err) => {
  expect(readSetRefusal(400, JSON.stringify({ err, description: 'whatever' }))).toBe(`set_${err}`)
})

it.each([
  ['no JSON', 400, 'oops'],
  ['another status', 500, '{"err":"invalid_key"}'],
  ['a code of its own', 400, '{"err":"drop table"}'],
  ['a list', 400, '["invalid_key"]'],
  ['nothing', 400, ''],
  ['no text', 400, '{"err":{"toString":1}}'],
])('a receiver that answers with %s is not', (_, status, body) => {
  expect(readSetRefusal(status, body)).toBeUndefined()
})
