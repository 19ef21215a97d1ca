import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { createFailpoint, failpointSettings } from './failpoint.ts'

const folder = mkdtempSync(join(tmpdir(), 'failpoint-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A process of its own that comes to two fail points; it says so when it has lived through both. */
function run(setting: string) {
  const module = fileURLToPath(new URL('./failpoint.ts', import.meta.url))
  const code = `
    const { createFailpoint, failpointSettings } = await import(${JSON.stringify(module)})
    const failpoint = createFailpoint(['first', 'second'], failpointSettings.FAILPOINT.schema.parse(process.argv[1] || undefined))
    failpoint('first'); console.log('one'); failpoint('second'); console.log('two')`
  const words = ['--conditions=@portcullis/source', '--input-type=module', '-e', code, setting]
  const { signal, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { signal, said: stdout.trim().split('\n').filter(Boolean) }
}

it('a process lives through fail points that are not armed', () => {
  expect(run('')).toEqual({ signal: null, said: ['one', 'two'] })
})

it('a process is killed at the fail point that is armed, and nothing after it runs', () => {
  expect(run('second')).toEqual({ signal: 'SIGKILL', said: ['one'] })
})

it('with a file it is killed once, and lives when it is started again', () => {
  const marker = join(folder, 'struck')
  expect(run(`first@${marker}`)).toEqual({ signal: 'SIGKILL', said: [] })
  expect(existsSync(marker)).toBe(true)
  expect(run(`first@${marker}`)).toEqual({ signal: null, said: ['one', 'two'] })
})

it('a name that is no fail point is refused, so that no test waits for a crash that cannot come', () => {
  expect(() => createFailpoint(['first'], { name: 'frist' })).toThrow('there is no fail point frist')
  expect(() => readConfig(failpointSettings, { FAILPOINT: 'not a name' })).toThrow('FAILPOINT')
  expect(readConfig(failpointSettings, {})).toEqual({ FAILPOINT: undefined })
})
