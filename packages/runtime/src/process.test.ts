import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test } from 'vitest'

const head = `
  import { createLogger } from '@portcullis/runtime/log'
  import { readConfigOrExit, runProcess } from '@portcullis/runtime/process'
  import { readConfig, port } from '@portcullis/runtime/config'
  const log = createLogger({ service: 'probe', level: 'info' })
  const hold = setInterval(() => {}, 60_000)
  const run = (start, drainSeconds = 30) => runProcess({ name: 'probe', log, drainSeconds, start })
  const shape = { PORT: port({ reason: 'where callers knock', example: '8080' }) }
`

const children = new Set<ChildProcessByStdio<null, Readable, Readable>>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

/** A real process that runs `program`; `saw` waits for a log line with that message. */
function startProgram(program: string) {
  const flags = ['--conditions=@portcullis/source', '--input-type=module', '--eval', head + program]
  const child = spawn(process.execPath, flags, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  const lines: { level: string; msg: string; err?: { name: string; message: string; code?: string } }[] = []
  const reader = createInterface(child.stdout)
  const arrived = new EventTarget()
  reader.on('line', (line) => {
    lines.push(JSON.parse(line))
    arrived.dispatchEvent(new Event('line'))
  })
  const errors = text(child.stderr)
  const ended = once(child, 'close')
  return {
    child,
    lines,
    saw: async (msg: string) => {
      while (!lines.some((line) => line.msg === msg)) await Promise.race([once(arrived, 'line'), failWhenOver()])
    },
    end: async () => {
      const [code, signal]: unknown[] = await ended
      return { code, signal, errors: await errors, last: lines.at(-1) }
    },
  }

  async function failWhenOver(): Promise<void> {
    await ended
    throw new Error(`the process is over: ${await errors}`)
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'after %s a process stops cleanly and exits with 0, though a timer still runs',
  async (signal) => {
    const program = startProgram(`await run(async () => ({ stop: async () => log.info('draining') }))`)
    await program.saw('ready')
    program.child.kill(signal)
    expect(await program.end()).toMatchObject({ code: 0, errors: '' })
    expect(program.lines.map((line) => line.msg)).toEqual(['ready', 'stopping', 'draining', 'stopped'])
  },
)

test('a stop that takes longer than its deadline ends with 1 and says why', async () => {
  const program = startProgram(`await run(async () => ({ stop: () => new Promise(() => {}) }), 0.05)`)
  await program.saw('ready')
  program.child.kill('SIGTERM')
  expect(await program.end()).toMatchObject({
    code: 1,
    last: {
      level: 'fatal',
      msg: 'the stop was not clean',
      err: { name: 'DeadlineExceeded', message: 'stop of probe: not done within 50 ms' },
    },
  })
})

test('a stop that fails ends with 1 and says why', async () => {
  const program = startProgram(`await run(async () => ({ stop: () => Promise.reject(new Error('cannot let go')) }))`)
  await program.saw('ready')
  program.child.kill('SIGTERM')
  expect(await program.end()).toMatchObject({ code: 1, last: { level: 'fatal', err: { message: 'cannot let go' } } })
})

test('a second signal ends the process at once', async () => {
  const program = startProgram(
    `await run(async () => ({ stop: async () => { log.info('draining'); await new Promise(() => {}) } }))`,
  )
  await program.saw('ready')
  program.child.kill('SIGTERM')
  await program.saw('draining')
  program.child.kill('SIGINT')
  expect(await program.end()).toMatchObject({ code: 130 })
})

test('a signal during the start waits for the start, then stops what was started', async () => {
  const program = startProgram(`
    await run(async () => {
      log.info('starting')
      await new Promise((resolve) => process.once('SIGTERM', resolve))
      return { stop: async () => log.info('draining') }
    })`)
  await program.saw('starting')
  program.child.kill('SIGTERM')
  expect(await program.end()).toMatchObject({ code: 0 })
  expect(program.lines.map((line) => line.msg)).toEqual(['starting', 'stopping', 'draining', 'stopped'])
})

test('a start that fails ends with 1 and says why', async () => {
  const program = startProgram(
    `await run(() => { throw Object.assign(new Error('no store'), { code: 'ECONNREFUSED' }) })`,
  )
  expect(await program.end()).toMatchObject({
    code: 1,
    last: { level: 'fatal', msg: 'the start failed', err: { message: 'no store', code: 'ECONNREFUSED' } },
  })
})

test.each([
  ['exception', `setImmediate(() => { throw new Error('out of nowhere') })`, 'an exception was not caught'],
  ['rejection', `void Promise.reject(new Error('out of nowhere'))`, 'a rejection was not handled'],
])('an uncaught %s ends the process with 1 and its reason as the last line', async (_what, code, msg) => {
  const program = startProgram(`await run(async () => ({ stop: async () => log.info('never') })); ${code}`)
  expect(await program.end()).toMatchObject({
    code: 1,
    last: { level: 'fatal', msg, err: { message: 'out of nowhere' } },
  })
  expect(program.lines.map((line) => line.msg)).not.toContain('never')
})

test.each([
  ['in the start', `await run(async () => readConfig(shape, { PORT: 'x' }))`],
  ['in the first lines', `readConfigOrExit(shape, { PORT: 'x' })`],
])('a wrong configuration %s is told plainly on standard error, with exit code 78', async (_where, code) => {
  const program = startProgram(code)
  const end = await program.end()
  expect(end.code).toBe(78)
  expect(end.errors).toBe(
    'A setting is missing or wrong:\n\n  PORT must be a whole number from 0 to 65535; it is "x".\n' +
      '    why:     where callers knock\n    example: PORT=8080\n',
  )
  expect(program.lines).toEqual([])
})
