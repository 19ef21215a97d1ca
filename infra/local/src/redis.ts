import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type TiedProcess, spawnTied, stop } from './child.ts'
import { freePort } from './free-port.ts'
import { readTail } from './log-tail.ts'
import { fetchProgram, findProgram } from './program-from-apt.ts'
import { redisFromApt } from './redis-from-apt.ts'
import { pingRedis } from './redis-ping.ts'
import { findOnPath } from './redis-program.ts'
import { dataDir } from './root.ts'

/** What a Redis is to be. */
export interface RedisOptions {
  /** Holds its append-only file and its log `redis.log`. */
  readonly dir: string
  /** True: an append-only file, so that a later start finds the data. False: memory alone, for tests. */
  readonly durable: boolean
  /** Where a fetched program is kept. Default `.data/cache/redis` of the repository. */
  readonly cacheDir?: string
  /** Default `dir/redis.log`. */
  readonly logFile?: string
  /** Called before the program is fetched, which takes seconds. */
  readonly onFetch?: () => void
  /** Called when the server ends though nobody asked it to. */
  readonly onUnexpectedExit?: () => void
}

/** A running Redis (or Valkey) on 127.0.0.1, tied to this process. */
export interface Redis {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  /** For people: `Redis 7.0.15`. */
  readonly name: string
  /** Ends it in order. */
  stop(): Promise<void>
  /** Ends it by SIGKILL, as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port, ending it in order first where it runs. */
  restart(): Promise<void>
}

/** A way to start the server on a port. */
interface Launcher {
  readonly name: string
  launch(port: number): TiedProcess
  /** SIGKILL for what the process itself cannot pass on. */
  killAll?(): void
}

interface Started {
  readonly child: TiedProcess
  readonly port: number
}

const readyMs = 30_000
const portTries = 5

/**
 * Starts a Redis: a working program on PATH, else the distribution's own fetched into a private cache (no root needed), else
 * docker where its engine answers. Where none of these is to be had, tells why; it never throws for that.
 */
export async function startRedis(options: RedisOptions): Promise<Redis | { unavailable: string }> {
  const log = options.logFile ?? join(options.dir, 'redis.log')
  mkdirSync(options.dir, { recursive: true, mode: 0o700 })
  const launcher = await chooseLauncher(options, log)
  if ('unavailable' in launcher) return launcher
  const started = await startOnFreePort(launcher, log)
  if ('unavailable' in started) return started
  const { port } = started
  let { child } = started
  let wanted = true
  const watch = (watched: TiedProcess) =>
    void watched.exited.then(() => {
      if (wanted && child === watched) options.onUnexpectedExit?.()
    })
  const end = async (signal: NodeJS.Signals) => {
    wanted = false
    if (signal === 'SIGKILL') launcher.killAll?.()
    await stop(child, { signal })
  }
  watch(child)
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    name: launcher.name,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      child = launcher.launch(port)
      const trouble = await untilReady(child, port, log)
      if (trouble !== undefined) throw new Error(trouble)
      wanted = true
      watch(child)
    },
  }
}

async function chooseLauncher(options: RedisOptions, log: string): Promise<Launcher | { unavailable: string }> {
  const cacheDir = options.cacheDir ?? join(dataDir, 'cache', 'redis')
  let program = findOnPath() ?? findProgram(redisFromApt, cacheDir)
  if (!program) {
    const fetched = await fetchProgram(redisFromApt, cacheDir, options.onFetch)
    if ('unavailable' in fetched) return dockerLauncher(options, log) ?? fetched
    program = fetched
  }
  const { path, name, libraryPath } = program
  const env = { ...process.env, LC_ALL: 'C', ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }) }
  const fixed = [...settings(options), '--bind', '127.0.0.1', '--dir', options.dir]
  return {
    name,
    launch: (port) => spawnTied(path, ['--port', String(port), ...fixed], { env, cwd: options.dir, log }),
  }
}

function settings(options: RedisOptions): string[] {
  // BullMQ must never find a key evicted.
  const memory = ['--maxmemory-policy', 'noeviction']
  const disk = ['--save', '', '--appendonly', options.durable ? 'yes' : 'no']
  return [...memory, ...disk, '--daemonize', 'no', '--loglevel', 'notice']
}

/** The client alone proves nothing: the engine must answer. */
function dockerLauncher(options: RedisOptions, log: string): Launcher | undefined {
  if (spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 5_000 }).status !== 0) return undefined
  const box = `portcullis-redis-${process.pid}`
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  const fixed = [
    '--name',
    box,
    '--user',
    user,
    '--volume',
    `${options.dir}:/data`,
    'redis:7',
    'redis-server',
    ...settings(options),
  ]
  return {
    name: 'Redis 7 (docker)',
    launch: (port) => spawnTied('docker', ['run', '--rm', '--publish', `127.0.0.1:${port}:6379`, ...fixed], { log }),
    killAll: () => void spawnSync('docker', ['kill', box], { stdio: 'ignore', timeout: 10_000 }),
  }
}

async function startOnFreePort(launcher: Launcher, log: string): Promise<Started | { unavailable: string }> {
  for (let tries = 1; ; tries++) {
    const port = await freePort()
    const child = launcher.launch(port)
    const trouble = await untilReady(child, port, log)
    if (trouble === undefined) return { child, port }
    await stop(child)
    if (!readTail(log, 5).includes('in use') || tries === portTries) return { unavailable: trouble }
  }
}

/** Nothing when it answers, else what went wrong. */
async function untilReady(child: TiedProcess, port: number, log: string): Promise<string | undefined> {
  let ended = false
  void child.exited.then(() => (ended = true))
  const until = Date.now() + readyMs
  while (!ended && Date.now() < until) {
    if (await pingRedis(port)) {
      if (!ended) return undefined
    } else await wait(10)
  }
  return `Redis ${ended ? 'ended at its start' : 'did not get ready'}. Its log says:\n${readTail(log, 5)}`
}
