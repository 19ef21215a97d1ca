import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type TiedProcess, spawnTied, stop } from './child.ts'
import { freePort } from './free-port.ts'
import { readTail } from './log-tail.ts'
import { endLeftover } from './postgres-leftover.ts'
import { pingPostgres } from './postgres-ping.ts'
import { type PostgresProgram, findPostgres, makeOwnedDir } from './postgres-program.ts'

/** What a Postgres is to be. */
export interface PostgresOptions {
  /** Made by `initdb` when it is not there yet; found again by a later start. */
  readonly dataDir: string
  readonly logFile: string
  /** False: much faster, and a crash of the machine may lose everything. For tests. */
  readonly durable: boolean
  /** Default 100, and 200 where `durable` is false. */
  readonly maxConnections?: number
  /** More of what `postgresql.conf` knows, such as `{ shared_buffers: '1GB' }`. Default none: the server's own. */
  readonly settings?: Readonly<Record<string, string>>
  /** Called when the server ends though nobody asked it to. */
  readonly onUnexpectedExit?: () => void
}

/** A running Postgres 18 on 127.0.0.1, tied to this process. */
export interface Postgres {
  /** `postgres://app@127.0.0.1:<port>/postgres`; `app` is superuser, without a password. */
  readonly url: string
  readonly port: number
  /** Ends all sessions and the server (fast shutdown). */
  stop(): Promise<void>
  /** Ends the server and starts it on the same port. `immediate` is a crash: the new one recovers from the log. */
  restart(mode: 'fast' | 'immediate'): Promise<void>
}

const readyMs = 30_000
const portTries = 5

/** Starts Postgres and resolves when it answers. Rejects with the last lines of its log when it does not within 30 s. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const program = await findPostgres()
  await endLeftover(options.dataDir)
  makeCluster(options.dataDir, program, options.durable)
  const first = await startOnFreePort(options, program)
  const { port } = first
  let { child } = first
  let wanted = true
  const watch = (watched: TiedProcess) =>
    void watched.exited.then(() => {
      if (wanted && child === watched) options.onUnexpectedExit?.()
    })
  watch(child)
  return {
    url: `postgres://app@127.0.0.1:${port}/postgres`,
    port,
    async stop() {
      wanted = false
      await stop(child, { signal: 'SIGINT' })
    },
    async restart(mode) {
      wanted = false
      await stop(child, { signal: mode === 'fast' ? 'SIGINT' : 'SIGQUIT' })
      await endLeftover(options.dataDir)
      child = launch(options, program, port)
      await untilReady(child, port, options.logFile)
      wanted = true
      watch(child)
    },
  }
}

async function startOnFreePort(options: PostgresOptions, program: PostgresProgram) {
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const child = launch(options, program, port)
    try {
      await untilReady(child, port, options.logFile)
      return { child, port }
    } catch (error) {
      await stop(child, { signal: 'SIGQUIT' })
      const taken = readTail(options.logFile, 10).includes('Address already in use')
      if (!taken || tries === portTries) throw error
    }
  }
}

function makeCluster(dataDir: string, program: PostgresProgram, durable: boolean): void {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return checkVersion(dataDir, program)
  const fresh = `${dataDir}.new`
  mkdirSync(dirname(dataDir), { recursive: true, mode: 0o700 })
  rmSync(fresh, { recursive: true, force: true })
  makeOwnedDir(fresh, program)
  const settings = ['-U', 'app', '--auth=trust', '-E', 'UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const speed = durable ? [] : ['--no-sync']
  const words = [...program.prefix, program.initdb, '-D', fresh, ...settings, '--no-instructions', ...speed]
  const made = spawnSync(words[0] ?? '', words.slice(1), {
    env: plainEnv(),
    encoding: 'utf8',
    cwd: '/',
    ...program.user,
  })
  if (made.status !== 0)
    throw new Error(`Postgres could not make its data folder: ${made.stderr || made.error?.message}`)
  // Only a finished cluster gets the real name, so an interrupted initdb is simply done again.
  renameSync(fresh, dataDir)
}

function checkVersion(dataDir: string, program: PostgresProgram): void {
  const has = readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim()
  const words = [...program.prefix, program.postgres, '--version']
  const said = spawnSync(words[0] ?? '', words.slice(1), { encoding: 'utf8', cwd: '/', ...program.user }).stdout
  const wants = /(\d+)\.\d+/.exec(said)?.[1]
  if (has !== wants)
    throw new Error(`${dataDir} was made by Postgres ${has}, this is ${wants}. Move it away, or give DATABASE_URL.`)
}

function launch(options: PostgresOptions, program: PostgresProgram, port: number): TiedProcess {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `max_connections=${options.maxConnections ?? (options.durable ? 100 : 200)}`,
    // Details and statements of errors may hold addresses of people; the log must not.
    'log_error_verbosity=terse',
    'log_min_error_statement=panic',
    ...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
    ...Object.entries(options.settings ?? {}).map(([name, value]) => `${name}=${value}`),
  ].flatMap((setting) => ['-c', setting])
  const words = [...program.prefix, program.postgres, '-D', options.dataDir, '-p', String(port), ...settings]
  return spawnTied(words[0] ?? '', words.slice(1), {
    env: plainEnv(),
    cwd: '/',
    log: options.logFile,
    signal: 'INT',
    ...program.user,
  })
}

/** Nothing of ours reaches the server: `PGDATA`, `PGPORT` and the like would change what it does. */
function plainEnv(): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], LC_ALL: 'C' }
}

async function untilReady(child: TiedProcess, port: number, logFile: string): Promise<void> {
  let ended = false
  void child.exited.then(() => (ended = true))
  const until = Date.now() + readyMs
  while (!ended && Date.now() < until) {
    if (await pingPostgres(port)) {
      if (!ended) return
    } else await wait(15)
  }
  throw new Error(
    `Postgres ${ended ? 'ended at its start' : 'did not get ready'}. Its log says:\n${readTail(logFile, 8)}`,
  )
}
