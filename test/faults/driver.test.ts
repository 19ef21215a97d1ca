/**
 * The mended driver, `infra/patches/postgres@3.4.9.patch`: one test for each thing that it mends. As published, the
 * driver ends its process with a TypeError that nothing can catch, or leaves queries unsettled for ever. Upstream:
 * https://github.com/porsager/postgres/issues/1208, /1154 and /1066. Once a release has the fixes, the patch can go:
 * point `POSTGRES_DRIVER` at the `src/index.js` of that release and run this file.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Postgres, startPostgres } from '@portcullis/local/postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('./driver-scenario.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'portcullis-driver-'))
let server: Postgres

beforeAll(async () => {
  // Its own, as it is restarted; durable, so that a crash of it loses no commit either.
  server = await startPostgres({ dataDir: join(folder, 'data'), logFile: join(folder, 'log'), durable: true })
})
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Ended {
  readonly exit: number | NodeJS.Signals | null
  readonly counts: Readonly<Record<string, number>> | undefined
  readonly said: string
}

/** Runs a scenario to its end, restarting the server whenever it asks for that. */
async function run(name: string, mode: 'fast' | 'immediate' = 'fast'): Promise<Ended> {
  const child = fork(script, [name], {
    execPath: process.execPath,
    execArgv: ['--conditions=@portcullis/source'],
    env: { ...process.env, DATABASE_URL: server.url, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  child.stdout?.on('data', (text) => (said += text))
  child.stderr?.on('data', (text) => (said += text))
  let counts: Ended['counts']
  child.on('message', (message) => {
    if (message === 'restart') {
      void server.restart(mode).then(() => child.connected && child.send('restarted'))
      return
    }
    counts = (message as { counts: Ended['counts'] }).counts
  })
  const tooLong = setTimeout(() => child.kill('SIGKILL'), 25_000)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(tooLong)
  return { exit: code ?? signal, counts, said }
}

/** The scenario ended by itself, and nothing ended its process. */
function countsOf(ended: Ended): Readonly<Record<string, number>> {
  expect(ended, ended.said).toMatchObject({ exit: 0 })
  return ended.counts ?? {}
}

describe('the mended driver', () => {
  it('survives backends that are terminated every 200 ms under transactions, and loses no commit', async () => {
    const counts = countsOf(await run('terminateUnderTransactions'))
    expect(counts).toMatchObject({ lost: 0 })
    expect(counts['failed']).toBeGreaterThan(0)
    expect(counts['committed']).toBeGreaterThan(20)
  })

  it.each(['fast', 'immediate'] as const)('survives a server that is restarted under load: %s', async (mode) => {
    const counts = countsOf(await run('restartUnderLoad', mode))
    expect(counts['failed']).toBeGreaterThan(0)
    expect(counts['committed']).toBeGreaterThan(20)
    expect(counts['lost']).toBe(0)
  })

  it('tells a reservation that its connection is lost, and hands every reservation over once', async () => {
    const counts = countsOf(await run('reserveTerminated'))
    expect(counts).toEqual({ rounds: 10, rejected: 10, after: 10, distinct: 3 })
  })

  it('listens again after its connection was terminated', async () => {
    expect(countsOf(await run('listenRecovers'))).toEqual({ heard: 3 })
  })

  it('counts a start that failed as a retry, so that it waits longer each time', async () => {
    const counts = countsOf(await run('startFails'))
    expect(counts).toEqual({ rejected: 4, connectionsAway: 4, longestRow: 4, answered: 1 })
  })

  it('rejects the queued queries of a transaction that has lost its connection', async () => {
    const counts = countsOf(await run('queuedQueries'))
    expect(counts).toMatchObject({ settled: 900, transactionsRejected: 3 })
    expect(counts['rejected']).toBeGreaterThan(300)
  })

  it('rejects a query on a dead socket', async () => {
    expect(countsOf(await run('deadSocket'))).toEqual({ connectionClosed: 5, transactionsRejected: 5 })
  })
})
