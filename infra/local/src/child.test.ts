import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { spawnTied, stop } from './child.ts'

const dir = mkdtempSync(join(tmpdir(), 'child-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** Starts a parent that ties a long sleep to itself and says so; both hold our pipe, which ends when both are gone. */
async function startParent(path: string) {
  const module = JSON.stringify(new URL('./child.ts', import.meta.url).href)
  const program = `
    const { spawnTied } = await import(${module})
    spawnTied('sleep', ['600'], { show: true })
    console.log('tied')
    setInterval(() => {}, 1000)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: path },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(parent.stdout.setEncoding('utf8'), 'data')
  expect(said).toContain('tied')
  return parent
}

test('a tied process dies with its parent, though that is killed by SIGKILL', async () => {
  const parent = await startParent(process.env['PATH'] ?? '')
  parent.kill('SIGKILL')
  await once(parent.stdout, 'end')
})

test('a tied process dies with its parent where the kernel cannot be asked to', async () => {
  for (const name of ['sh', 'cat', 'sleep']) symlinkSync(join('/bin', name), join(dir, name))
  const parent = await startParent(dir)
  parent.kill('SIGKILL')
  await once(parent.stdout, 'end')
})

test('a process that does not heed SIGTERM is killed after its grace, with its whole group', async () => {
  const ready = Promise.withResolvers<void>()
  const stubborn = spawnTied('sh', ['-c', 'trap "" TERM; sleep 600 & echo ready; wait; wait'], {
    hear: () => ready.resolve(),
  })
  await ready.promise
  // With pipes, the end is told when the last of the group has let go of them.
  expect(await stop(stubborn, { graceMs: 50 })).toEqual({ code: null, signal: 'SIGKILL' })
  expect(stubborn.kill('SIGTERM')).toBe(false)
})

test('a program that is not there ends with code 127, and an exit code is passed on', async () => {
  expect(await spawnTied('there-is-no-such-program', []).exited).toEqual({ code: 127, signal: null })
  expect(await spawnTied('sh', ['-c', 'exit 7']).exited).toEqual({ code: 7, signal: null })
})

test('only the given environment reaches the process', async () => {
  let said = ''
  const env = { PATH: process.env['PATH'], ONE: '1' }
  await spawnTied('env', [], { env, hear: (text) => void (said += text) }).exited
  const names = said
    .trim()
    .split('\n')
    .map((line) => line.split('=')[0])
  expect(new Set(names)).toEqual(new Set(['ONE', 'PATH']))
})
