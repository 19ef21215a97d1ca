import { inspect } from 'node:util'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { Secret } from './secret.ts'

const canary = 'canary-7f3a91'
const secret = new Secret(canary)

test('a secret gives its value only to reveal()', () => {
  expect(secret.reveal()).toBe(canary)
})

test.each([
  ['String()', () => String(secret)],
  ['a template', () => `${secret}`],
  ['concatenation', () => '' + (secret as unknown as string)],
  ['JSON', () => JSON.stringify({ deep: [secret] })],
  ['inspect', () => inspect({ deep: { secret } }, { depth: 9, showHidden: true, getters: true })],
  ['an error message', () => new Error(`could not use ${secret}`).stack ?? ''],
  ['a spread copy', () => JSON.stringify({ ...secret, all: Object.getOwnPropertyNames(secret) })],
  ['a structured clone', () => inspect(structuredClone(secret), { showHidden: true })],
])('a secret cannot be seen in %s', (_way, print) => {
  expect(print()).not.toContain(canary)
})

test('a secret prints as [secret], in pino, too', () => {
  const lines: string[] = []
  pino({}, { write: (line: string) => void lines.push(line) }).info({ secret, deep: { secret } }, 'with %s', secret)
  expect(lines.join('')).toContain('[secret]')
  expect(lines.join('')).not.toContain(canary)
  expect(String(secret)).toBe('[secret]')
  expect(inspect(secret)).toBe('[secret]')
})
