import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findOnPath } from './redis-program.ts'

const dir = mkdtempSync(join(tmpdir(), 'redis-program-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

let count = 0
function folderWith(name: string, content: string): string {
  const folder = mkdtempSync(join(dir, `${count++}-`))
  writeFileSync(join(folder, name), content, { mode: 0o755 })
  return folder
}

const saying = (line: string) => `#!/bin/sh\necho '${line}'\n`

test.each([
  ['an empty file', ''],
  ['a program that fails', '#!/bin/sh\nexit 1\n'],
  ['a program that is something else', saying('Memcached 1.6')],
  ['a Redis that is too old', saying('Redis server v=5.0.14 sha=0 malloc=jemalloc-5.1.0 bits=64')],
  ['a Redis before 6.2', saying('Redis server v=6.0.16 sha=0 malloc=jemalloc-5.2.1 bits=64')],
])('%s called redis-server is not taken for one', (_, content) => {
  expect(findOnPath(folderWith('redis-server', content))).toBeUndefined()
})

test('the first program that works is taken, Redis or Valkey', () => {
  const broken = folderWith('redis-server', '')
  const redis = folderWith('redis-server', saying('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1'))
  const valkey = folderWith('valkey-server', saying('Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc-5.3.0'))
  expect(findOnPath(`${broken}:${redis}:${valkey}`)?.name).toBe('Redis 7.0.15')
  expect(findOnPath(`${broken}::${valkey}:${redis}`)?.name).toBe('Valkey 8.1.1')
})
