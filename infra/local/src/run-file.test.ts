import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Run, readRunFile, removeRunFile, writeRunFile } from './run-file.ts'

const dir = mkdtempSync(join(tmpdir(), 'run-file-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const run: Run = {
  gateway: 'http://127.0.0.1:1',
  docs: 'http://127.0.0.1:1/docs',
  inbox: null,
  metrics: { gateway: 'http://127.0.0.1:2' },
  pids: { start: 1, gateway: 2 },
  database: 'postgres://app@127.0.0.1:3/postgres',
  redis: null,
}

test('a run is found as it was written, by its owner alone, until it is taken away', () => {
  expect(readRunFile(dir)).toBeUndefined()
  writeRunFile(dir, run)
  expect(readRunFile(dir)).toEqual(run)
  expect(statSync(join(dir, 'run.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dir)).toEqual(['run.json'])
  removeRunFile(dir)
  removeRunFile(dir)
  expect(readRunFile(dir)).toBeUndefined()
})
