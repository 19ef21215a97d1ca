import { expect, it } from 'vitest'
import { services } from '../service.ts'
import { findMessage, messages } from './index.ts'
import type { Message } from './message.ts'

const all: readonly [string, Message][] = Object.entries(messages)
const uuid = '0198c0de-7a11-7e57-8000-5ec0de5ec0de'

it.each(all)('%s is said once, under its own name, to services that exist', (name, message) => {
  expect(message.name).toBe(name)
  expect(name).toMatch(/^[a-z]+\.[a-z]+$/)
  expect(message.heardBy.length).toBeGreaterThan(0)
  expect(new Set(message.heardBy).size).toBe(message.heardBy.length)
  for (const hearer of message.heardBy) expect(services).toContain(hearer)
  expect(message.attemptsMost).toBeGreaterThan(0)
})

it.each(all)('%s can be read in the version that is written, and refuses what it does not know', (_name, message) => {
  const schema = message.payloads[message.version]
  expect(schema).toBeDefined()
  expect(schema?.safeParse({ surprise: true }).success).toBe(false)
  expect(schema?.safeParse('text').success).toBe(false)
})

it('a payload carries ids and nothing that an address or a secret would fit into', () => {
  const payload = messages['send.notice'].payloads[1]
  expect(payload.parse({ noticeId: uuid })).toEqual({ noticeId: uuid })
  expect(payload.safeParse({ noticeId: 'ada@example.com' }).success).toBe(false)
  expect(payload.safeParse({ noticeId: uuid, email: 'ada@example.com' }).success).toBe(false)
})

it('a message that this release does not know is found to be unknown, whatever its name', () => {
  expect(findMessage('reset.requested')).toBe(messages['reset.requested'])
  for (const name of ['reset.imagined', '__proto__', 'constructor', 'toString', ''])
    expect(findMessage(name)).toBeUndefined()
})
