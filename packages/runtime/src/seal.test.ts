import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { Failure } from '@portcullis/contracts/errors'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSealer, sealedPlace } from './seal.ts'

const key = (id: string) => ({ id, key: randomBytes(32) })
const first = key('2026-01')
const second = key('2026-02')
const sealer = createSealer({ keys: [first] })
const place = 'totp_factors|secret|0190b7a4-0000-7000-8000-000000000001'
const plain = Buffer.from('12345678901234567890')
const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url')

/** The one answer to all that is wrong. */
function refused(open: () => unknown) {
  let error: unknown
  try {
    open()
  } catch (thrown) {
    error = thrown
  }
  expect(error).toBeInstanceOf(Failure)
  expect(error).toMatchObject({
    code: 'internal_error',
    message: 'a sealed value cannot be opened',
    cause: undefined,
    faults: [],
  })
}

describe('known answers (made with another implementation)', () => {
  const numbers = (count: number) => Uint8Array.from({ length: count }, (_, index) => index)
  const zero = createSealer({ keys: [{ id: 'k', key: new Uint8Array(32) }] })
  const counted = createSealer({ keys: [{ id: 'k', key: numbers(32) }] })

  test('AES-256-GCM of nothing, and of sixteen zeros', () => {
    const iv = base64url('00'.repeat(12))
    expect(zero.open(`v1.k.${iv}..${base64url('530f8afbc74536b9a963b4f1c4cb738b')}`, '')).toHaveLength(0)
    const sealed = `v1.k.${iv}.${base64url('cea7403d4d606b6e074ec5d3baf39d18')}.${base64url('d0d1c8a799996bf0265b98b5d48ab919')}`
    expect(Buffer.from(zero.open(sealed, ''))).toEqual(Buffer.alloc(16))
  })

  test('with additional data, which another account does not have', () => {
    const ciphertext = base64url('7630e52ff0d3f523b471a6b982dd4d5bb4eebe04')
    const iv = Buffer.from(numbers(12)).toString('base64url')
    const sealed = `v1.k.${iv}.${ciphertext}.${base64url('4be2084a90c6fe08db784f7838927a17')}`
    expect(Buffer.from(counted.open(sealed, 'totp:v1:user-1')).toString()).toBe('12345678901234567890')
    refused(() => counted.open(sealed, 'totp:v1:user-2'))
    refused(() => counted.open(sealed, ''))
    refused(() => zero.open(sealed, 'totp:v1:user-1'))
  })
})

describe('a sealed secret', () => {
  test('has its form, comes back in its place, and never looks the same twice', () => {
    const texts = Array.from({ length: 500 }, () => sealer.seal(plain, place))
    for (const sealed of texts) {
      expect(sealed).toMatch(/^v1\.2026-01\.[\w-]{16}\.[\w-]{27}\.[\w-]{22}$/)
      expect(Buffer.from(sealer.open(sealed, place))).toEqual(plain)
    }
    expect(new Set(texts.map((sealed) => sealed.split('.')[2])).size).toBe(500)
  })

  test('is not opened in another place', () => {
    const sealed = sealer.seal(plain, place)
    for (const other of ['', `${place}0`, place.slice(1), place.toUpperCase()])
      refused(() => sealer.open(sealed, other))
  })

  test('is not opened with a key that is unknown, or under the name of another key', () => {
    const both = createSealer({ keys: [first, second] })
    const sealed = both.seal(plain, place)
    refused(() => createSealer({ keys: [second] }).open(sealed, place))
    refused(() => both.open(sealed.replace(first.id, second.id), place))
    refused(() => createSealer({ keys: [{ id: first.id, key: second.key }] }).open(sealed, place))
    refused(() => sealer.open(sealed.replace(first.id, '__proto__'), place))
  })

  test('is opened in one spelling only, and with nothing cut, added or exchanged', () => {
    const sealed = sealer.seal(Buffer.from('x'), place)
    const [version, id, iv = '', ciphertext = '', tag = ''] = sealed.split('.')
    // One byte is two characters, the last of which carries four bits that mean nothing.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twin = ciphertext[0] + alphabet.charAt(alphabet.indexOf(ciphertext[1] ?? '') ^ 1)
    expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(ciphertext, 'base64url'))
    for (const parts of [
      [version, id, iv, twin, tag],
      [version, id, iv, ciphertext, tag.slice(0, -1)],
      [version, id, iv, ciphertext, tag.slice(0, 16)],
      [version, id, iv, ciphertext, ''],
      [version, id, iv, '', tag],
      [version, id, iv.slice(0, 12), ciphertext, tag],
      [version, id, '', ciphertext, tag],
      [version, id, iv, tag, ciphertext],
      [version, id, iv, ciphertext, `${tag}==`],
      [version, id, iv, ciphertext, tag, ''],
      [version, id, iv, ciphertext],
      ['v2', id, iv, ciphertext, tag],
      ['V1', id, iv, ciphertext, tag],
      ['', id, iv, ciphertext, tag],
      [''],
    ]) {
      refused(() => sealer.open(parts.join('.'), place))
    }
    refused(() => sealer.open(` ${sealed}`, place))
    refused(() => sealer.open(`${sealed}\n`, place))
  })

  test('has no bit that can be changed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, at, bit) => {
        const sealed = sealer.seal(bytes, place)
        expect(Buffer.from(sealer.open(sealed, place))).toEqual(Buffer.from(bytes))
        const changed = Buffer.from(sealed, 'latin1')
        const spot = at % changed.length
        changed.writeUInt8(changed.readUInt8(spot) ^ bit, spot)
        refused(() => sealer.open(changed.toString('latin1'), place))
      }),
    )
  })

  test('opens for its own bytes and place only, whatever these are', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(name, name, fc.uint8Array({ maxLength: 200 }), (aad, other, bytes) => {
        const sealed = sealer.seal(bytes, aad)
        expect(Buffer.from(sealer.open(sealed, aad))).toEqual(Buffer.from(bytes))
        if (other !== aad) refused(() => sealer.open(sealed, other))
      }),
    )
  })
})

test('after a rotation old secrets open, are due for a new seal, and need the old key no longer once they have it', () => {
  const old = sealer.seal(plain, place)
  const rotated = createSealer({ keys: [second, first] })
  expect(sealer.needsReseal(old)).toBe(false)
  expect(rotated.needsReseal(old)).toBe(true)
  const fresh = rotated.seal(rotated.open(old, place), place)
  expect(rotated.needsReseal(fresh)).toBe(false)
  const after = createSealer({ keys: [second] })
  expect(Buffer.from(after.open(fresh, place))).toEqual(plain)
  refused(() => after.open(old, place))
  expect(after.needsReseal('')).toBe(true)
  expect(after.needsReseal(fresh.slice(1))).toBe(true)
})

test('a secret is never sealed without a place, and a place has one meaning', () => {
  expect(() => sealer.seal(plain, '')).toThrow('place')
  expect(sealedPlace('totp_factors', 'secret', '1')).toBe('totp_factors|secret|1')
  for (const names of [
    ['a|b', 'c', 'd'],
    ['a', 'b|', 'd'],
    ['a', 'b', '|'],
    ['', 'b', 'c'],
    ['a', '', 'c'],
    ['a', 'b', ''],
  ]) {
    expect(() => sealedPlace(...(names as [string, string, string]))).toThrow('place')
  }
})

test('keys that would weaken it are refused at once, and no key is ever shown', () => {
  const canary = Buffer.from('canary-canary-canary-canary-1234')
  const cases = [
    [],
    [first, { ...second, id: first.id }],
    [{ id: '', key: canary }],
    [{ id: 'a.b', key: canary }],
    [{ id: 'x'.repeat(33), key: canary }],
    [{ id: 'k', key: canary.subarray(1) }],
    [{ id: 'k', key: Buffer.concat([canary, canary]) }],
  ]
  for (const keys of cases) {
    expect(() => createSealer({ keys })).toThrow(/^a seal/)
    expect(() => createSealer({ keys })).not.toThrow(/canary/)
  }
  const made = createSealer({ keys: [{ id: 'k', key: canary }] })
  expect(inspect(made, { depth: 9, showHidden: true }) + JSON.stringify(made)).not.toMatch(/canary|63616e6172/)
  // The caller may wipe its copy.
  const sealed = made.seal(plain, place)
  canary.fill(0)
  expect(Buffer.from(made.open(sealed, place))).toEqual(plain)
})

test('text from before keys had names opens under whichever key sealed it, in its own place alone', () => {
  const old = key('k1')
  const sealed = createSealer({ keys: [old] }).seal(plain, place)
  const keys = [second, { id: 'named', key: old.key }]
  const named = createSealer({ keys, unnamed: 'k1' })
  expect(Buffer.from(named.open(sealed, place))).toEqual(plain)
  expect(named.needsReseal(sealed)).toBe(true)
  refused(() => named.open(sealed, `${place}2`))
  refused(() => named.open(createSealer({ keys: [key('k1')] }).seal(plain, place), place))
  refused(() => createSealer({ keys }).open(sealed, place))
})

test('what is under the newest key can be told by how it begins', () => {
  const both = createSealer({ keys: [second, first] })
  expect(both.newestPrefix).toBe('v1.2026-02.')
  expect(both.seal(plain, place).startsWith(both.newestPrefix)).toBe(true)
  expect(sealer.seal(plain, place).startsWith(both.newestPrefix)).toBe(false)
})
