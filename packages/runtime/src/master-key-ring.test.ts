import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { deriveKey } from './master-key.ts'
import { deriveKeys, masterKeySettings, sealingKeys } from './master-key-ring.ts'

const master = () => randomBytes(32).toString('base64url')
const [first, second] = [master(), master()]
const ring = (newest: string, older = '') =>
  readConfig(masterKeySettings, { MASTER_KEY: newest, MASTER_KEYS_OLD: older })

test('without older keys there is one, and it is the one of always', () => {
  const keys = ring(first)
  expect(deriveKeys(keys, 'p')).toEqual([deriveKey(keys.MASTER_KEY, 'p')])
})

test('the newest key comes first, and a key that is named twice comes once', () => {
  const keys = deriveKeys(ring(second, ` ${first}, ${second},${first} `), 'p')
  expect(keys).toEqual([deriveKeys(ring(second), 'p')[0], deriveKeys(ring(first), 'p')[0]])
})

test('a key has one name wherever it stands, another key another, and the name tells nothing of it', () => {
  const [alone] = sealingKeys(ring(first), 'p')
  const [newest, older] = sealingKeys(ring(second, first), 'p')
  expect(older).toEqual(alone)
  expect(alone?.id).toMatch(/^[\w-]{12}$/)
  expect(newest?.id).not.toBe(alone?.id)
  expect(sealingKeys(ring(first), 'other')[0]?.id).toBe(alone?.id)
  for (const secret of [first, Buffer.from(alone?.key ?? []).toString('base64url')]) {
    expect(secret).not.toContain(alone?.id)
  }
})

test.each([
  ['a key that is too short', `${first},${randomBytes(31).toString('base64url')}`],
  ['a key with a name', `k1:${first}`],
  ['more than ten', Array.from({ length: 11 }, master).join(',')],
])('older keys with %s are refused, told by the rule, and never shown', (_what, older) => {
  expect(() => ring(second, older)).toThrow('MASTER_KEYS_OLD must be at most 10 master keys')
  expect(() => ring(second, older)).not.toThrow(older.slice(0, 40))
})
