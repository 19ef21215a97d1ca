import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { superviseService } from './supervise.ts'

const root = mkdtempSync(join(tmpdir(), 'supervise-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function plant(name: string, program: string) {
  const file = join(root, 'services', name, 'dist', 'main.js')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, program)
  const env = { PATH: process.env['PATH'], WORD: 'canary' }
  return { name, root, env, logFile: join(root, 'logs', `${name}.log`), from: 'dist', firstDelayMs: 1 } as const
}

const waits = 'setInterval(() => {}, 1000)'

/** Gives the pids of a service one by one, as it is started. */
function pidQueue() {
  const pids: number[] = []
  let wake = () => {}
  return {
    onStart: (pid: number) => {
      pids.push(pid)
      wake()
    },
    next: async () => {
      while (pids.length === 0) await new Promise<void>((resolve) => (wake = resolve))
      return pids.shift()!
    },
  }
}

test('a service that is killed is started again, until it is asked to stop', async () => {
  const starts = pidQueue()
  const ends: (string | null)[] = []
  const service = superviseService({
    ...plant('killed', waits),
    restart: true,
    onStart: starts.onStart,
    onRestart: (exit) => void ends.push(exit.signal),
  })
  const first = await starts.next()
  expect(service.pid()).toBe(first)
  expect(service.kill('SIGKILL')).toBe(true)
  const second = await starts.next()
  expect(second).not.toBe(first)
  await service.stop()
  expect(ends).toEqual(['SIGKILL'])
  expect(service.pid()).toBeUndefined()
  expect(service.kill('SIGKILL')).toBe(false)
  expect((await service.stopped).asked).toBe(true)
})

test('a service that ends too often stays down, and its last words are told', async () => {
  let starts = 0
  const service = superviseService({
    ...plant('broken', `console.log(process.env.WORD); throw new Error('cannot be')`),
    restart: true,
    onStart: () => void starts++,
  })
  const end = await service.stopped
  expect(end.asked).toBe(false)
  expect(end.exit.code).toBe(1)
  expect(end.lastLines).toContain('cannot be')
  expect(starts).toBe(6)
})

test('without restart the first end is the last', async () => {
  const service = superviseService({ ...plant('once', 'process.exit(3)'), restart: false })
  expect((await service.stopped).exit).toEqual({ code: 3, signal: null })
})

test('a service gets its environment, its log and a chance to end in order', async () => {
  const program = `console.log('word', process.env.WORD); process.on('SIGTERM', () => { console.log('bye'); process.exit(0) });
    require('node:fs').writeFileSync(process.env.WORD_FILE, ''); ${waits}`
  const planned = plant('orderly', program)
  const file = join(root, 'ready')
  const service = superviseService({ ...planned, env: { ...planned.env, WORD_FILE: file }, restart: true })
  await expect.poll(() => readFileSync(planned.logFile, 'utf8')).toContain('word canary')
  await expect.poll(() => readFileSync(file, 'utf8')).toBe('')
  await service.stop()
  expect((await service.stopped).exit.code).toBe(0)
  expect(readFileSync(planned.logFile, 'utf8')).toContain('bye')
})
