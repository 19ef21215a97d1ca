import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  bearerHash,
  classifyBearer,
  clientSecretPattern,
  newClientSecret,
  newSessionToken,
  sessionTokenPattern,
} from './credential-token.ts'
import { apiKeyHash, newApiKey } from './format.ts'

const body = 'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17'

test.each([
  ['session', newSessionToken, /^pcs_[0-9A-Za-z]{43}$/, sessionTokenPattern],
  ['client', newClientSecret, /^pcc_[0-9A-Za-z]{36}$/, clientSecretPattern],
] as const)(
  'a new %s token has its form, its kind and its hash, and is never the same twice',
  (kind, make, form, pattern) => {
    const made = Array.from({ length: 500 }, make)
    for (const { token, hash } of made) {
      expect(token).toMatch(form)
      expect(classifyBearer(token)).toBe(kind)
      expect(hash.toString('hex')).toBe(createHash('sha256').update(token).digest('hex'))
      expect(bearerHash(token)).toEqual(hash)
      expect([...`a ${token}, ${token}\n${token}0`.matchAll(pattern)].map(([match]) => match)).toEqual([token, token])
    }
    expect(new Set(made.map(({ token }) => token)).size).toBe(500)
  },
)

test('a session token has 256 bits or more', () => {
  expect(43 * Math.log2(62)).toBeGreaterThanOrEqual(256)
})

test('an API key is known as one, and hashed as one', () => {
  for (const environment of ['live', 'test'] as const) {
    const { key, hash } = newApiKey(environment)
    expect(classifyBearer(key)).toBe('api_key')
    expect(bearerHash(key)).toEqual(hash)
    expect(apiKeyHash(key)).toEqual(hash)
  }
})

describe('what this house never made needs no look-up', () => {
  test.each([
    ['nothing', ''],
    ['a prefix alone', 'pcs_'],
    ['another prefix', `pcx_${body}`],
    ['a prefix in upper case', `PCS_${'a'.repeat(43)}`],
    ['a session token cut', `pcs_${'a'.repeat(42)}`],
    ['a session token with one more', `pcs_${'a'.repeat(44)}`],
    ['a session token with a hyphen', `pcs_${'a'.repeat(42)}-`],
    ['a session token with a line feed', `pcs_${'a'.repeat(43)}\n`],
    ['a session token with a letter of another script', `pcs_${'a'.repeat(42)}\u0430`],
    ['a session token after a space', ` pcs_${'a'.repeat(43)}`],
    ['a client secret with a wrong checksum', `pcc_${body.replace('zQ', 'Qz')}`],
    ['a client secret of a session’s length', `pcc_${'a'.repeat(43)}`],
    ['a key with a wrong checksum', `pck_${body.replace('zQ', 'Qz')}`],
    ['a JWT', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.'],
    ['two tokens', `pcc_${body} pcc_${body}`],
    ['a megabyte', `pcs_${'a'.repeat(1_000_000)}`],
  ])('%s', (_what, text) => {
    expect(classifyBearer(text)).toBeUndefined()
  })

  test('nor does any change of one character turn one kind into another', () => {
    const make = fc.constantFrom(
      () => newSessionToken().token,
      () => newClientSecret().token,
      () => newApiKey('live').key,
      () => newApiKey('test').key,
    )
    fc.assert(
      fc.property(make, fc.nat(46), fc.string({ minLength: 1, maxLength: 1 }), (one, place, character) => {
        const token = one()
        const changed = token.slice(0, place) + character + token.slice(place + 1)
        const kind = classifyBearer(changed)
        // Only a session's token has no checksum: another one of these is another session's, or nobody's.
        const expected = changed === token || token.startsWith('pcs_') ? kind : undefined
        expect(kind).toBe(expected)
        expect(kind === undefined || kind === classifyBearer(token)).toBe(true)
      }),
    )
  })
})
