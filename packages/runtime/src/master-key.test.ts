import { createHmac, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { deriveKey, masterKey, parseMasterKey } from './master-key.ts'
import { Secret } from './secret.ts'

/** HKDF-SHA256 as RFC 5869 section 2 writes it, apart from Node's own. */
function hkdf(material: Buffer, info: string, bytes: number): Buffer {
  const prk = createHmac('sha256', Buffer.alloc(32)).update(material).digest()
  let block = Buffer.alloc(0)
  let out = Buffer.alloc(0)
  for (let round = 1; out.length < bytes; round++) {
    block = createHmac('sha256', prk).update(block).update(info).update(Uint8Array.of(round)).digest()
    out = Buffer.concat([out, block])
  }
  return out.subarray(0, bytes)
}

test('keys agree with RFC 5869 (the measure itself is checked by its test case 3)', () => {
  expect(hkdf(Buffer.alloc(22, 0x0b), '', 42).toString('hex')).toBe(
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  )
  const material = randomBytes(32)
  const master = new Secret(material.toString('base64url'))
  expect(Buffer.from(deriveKey(master, 'reset-token:v1'))).toEqual(hkdf(material, 'reset-token:v1', 32))
})

test('a purpose has always the same key, and two purposes never', () => {
  const master = new Secret(randomBytes(48).toString('base64url'))
  expect(deriveKey(master, 'a')).toEqual(deriveKey(master, 'a'))
  expect(deriveKey(master, 'a')).not.toEqual(deriveKey(master, 'b'))
  expect(() => deriveKey(master, '')).toThrow('purpose')
})

test.each([
  ['too short', randomBytes(31).toString('base64url')],
  ['not base64url', `${randomBytes(32).toString('base64url')}!`],
  ['padded', randomBytes(32).toString('base64')],
  ['a sentence', 'please change me please change me please'],
  ['with a line feed', `${randomBytes(32).toString('base64url')}\n`],
])('a master key that is %s is refused without being shown', (_why, text) => {
  for (const refuse of [
    () => parseMasterKey(text),
    () => deriveKey(new Secret(text), 'a'),
    () => readConfig({ MASTER_KEY: masterKey({ reason: 'makes all keys' }) }, { MASTER_KEY: text }),
  ]) {
    expect(refuse).toThrow('must be 32 random bytes or more')
    expect(refuse).not.toThrow(text)
  }
})
