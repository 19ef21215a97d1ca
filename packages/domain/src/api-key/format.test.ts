import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiKeyHash, apiKeyPattern, newApiKey, readApiKey } from './format.ts'

const environments = ['live', 'test'] as const
const published = 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'

describe('a new key', () => {
  test.each([
    ['live', /^pck_[0-9A-Za-z]{36}$/, 'pck_'],
    ['test', /^pck_test_[0-9A-Za-z]{36}$/, 'pck_test_'],
  ] as const)('for %s has its form, and its hash is the SHA-256 of the whole', (environment, form, prefix) => {
    const made = newApiKey(environment)
    expect(made.key).toMatch(form)
    expect(made.prefix).toBe(prefix)
    expect(made.last4).toBe(made.key.slice(-4))
    expect(made.hash.toString('hex')).toBe(createHash('sha256').update(made.key, 'utf8').digest('hex'))
    expect(readApiKey(made.key)).toEqual({ ok: true, environment, hash: made.hash })
  })

  test('is never the same twice', () => {
    expect(new Set(Array.from({ length: 1000 }, () => newApiKey('live').key)).size).toBe(1000)
  })
})

describe('a key as presented', () => {
  test('with a published checksum is read, and its hash is that of SHA-256', () => {
    expect(readApiKey(`pck_${published}`)).toMatchObject({ ok: true, environment: 'live' })
    expect(readApiKey(`pck_test_${published}`)).toMatchObject({ ok: true, environment: 'test' })
    expect(apiKeyHash('abc').toString('hex')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  test('for test is another key than the same for live', () => {
    expect(apiKeyHash(`pck_${published}`)).not.toEqual(apiKeyHash(`pck_test_${published}`))
  })

  test.each([
    ['nothing', ''],
    ['only a prefix', 'pck_'],
    ['no prefix', published],
    ['the prefix of an API client', `pcc_${published}`],
    ['the prefix in upper case', `PCK_${published}`],
    ['another environment', `pck_live_${published}`],
    ['one character less', `pck_${published.slice(1)}`],
    ['one character more', `pck_${published}0`],
    ['a space before', ` pck_${published}`],
    ['a line feed behind', `pck_${published}\n`],
    ['a NUL behind', `pck_${published}\0`],
    ['the scheme', `Bearer pck_${published}`],
    ['a letter of another script', `pck_${published.slice(0, 35)}\u0417`],
    ['a megabyte', `pck_${'0'.repeat(1_000_000)}`],
  ])('%s is malformed', (_what, text) => {
    expect(readApiKey(text)).toEqual({ ok: false, why: 'malformed' })
  })

  test.each([
    ['one character changed', published.replace('zQ', 'zR')],
    ['two characters exchanged', published.replace('zQ', 'Qz')],
    ['another case', published.toLowerCase()],
    ['no checksum', '0'.repeat(36)],
  ])('%s fails its checksum', (_what, body) => {
    expect(readApiKey(`pck_${body}`)).toEqual({ ok: false, why: 'checksum' })
    expect(readApiKey(`pck_test_${body}`)).toEqual({ ok: false, why: 'checksum' })
  })
})

test('the pattern for secret scanners finds every key in text, whole, and nothing that is longer or shorter', () => {
  const around = fc.constantFrom(' ', '"', '=', '\n', '/', ':', '<', ',', '-')
  fc.assert(
    fc.property(fc.constantFrom(...environments), around, around, (environment, before, after) => {
      const { key } = newApiKey(environment)
      const found = (text: string) => [...text.matchAll(apiKeyPattern)].map(([match]) => match)
      expect(found(`x${before}${key}${after}${key}`)).toEqual([key, key])
      expect(found(`${key}0`)).toEqual([])
      expect(found(key.slice(0, -1))).toEqual([])
      expect(found(`x${key}`)).toEqual([])
    }),
  )
})
