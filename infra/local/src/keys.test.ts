import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readKeys } from './keys.ts'

const dir = mkdtempSync(join(tmpdir(), 'keys-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('keys are made once, are 32 bytes, and are for their owner alone', () => {
  const keys = readKeys(join(dir, 'a'))
  expect(Buffer.from(keys.masterKey, 'base64url')).toHaveLength(32)
  expect(readKeys(join(dir, 'a'))).toEqual(keys)
  expect(statSync(join(dir, 'a', 'keys.json')).mode & 0o777).toBe(0o600)
  expect(readKeys(join(dir, 'b'))).not.toEqual(keys)
})

test('keys that cannot be read are never replaced', () => {
  const file = join(dir, 'keys.json')
  writeFileSync(file, '{"masterKey":"short"}')
  expect(() => readKeys(dir)).toThrow(/does not hold a master key/)
})
