import { expect, test } from 'vitest'
import { messageIdFor } from './message-id.ts'

const id = '01980000-0000-7000-8000-000000000001'

test('the same mail has the same Message-ID', () => {
  expect(messageIdFor('password-reset', id, 'mail.acme.example')).toBe(`<password-reset.${id}@mail.acme.example>`)
})

test.each([
  ['a b', id, 'acme.example'],
  ['reset', 'a>\r\nBcc: x', 'acme.example'],
  ['reset', id, 'acme.example>\r\n'],
  ['', id, 'acme.example'],
  ['reset', id, ''],
])('parts that would need quoting are refused: %j %j %j', (kind, part, domain) => {
  expect(() => messageIdFor(kind, part, domain)).toThrow('mail: a part of the Message-ID')
})
