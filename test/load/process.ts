import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as wait } from 'node:timers/promises'
import { spawnTied, stop } from '@portcullis/local/child'
import { freePort } from '@portcullis/local/free-port'
import type { Service } from '@portcullis/contracts/service'

const root = fileURLToPath(new URL('../..', import.meta.url))
const readyMs = 30_000

/** A process that says on `/readyz` when it can work. */
export interface ReadyProcess {
  readonly pid: number
  /** From spawn to the first 200. */
  readonly readyMs: number
  /** Resident memory at that moment (VmRSS), in MB of 10^6 bytes. */
  readonly memoryMb: number
  /** Where it tells its metrics. */
  readonly metricsPort: number
  stop(): Promise<void>
}

/** What all services are given. */
export interface ServiceSettings {
  readonly databaseUrl: string
  readonly redisUrl?: string
  readonly prefix?: string
  readonly smtpPort?: number
  readonly gatewayPort?: number
  readonly logDir: string
  readonly env?: Readonly<Record<string, string>>
}

/** The master key of every service that is measured. */
export const masterKey = Buffer.alloc(32, 7).toString('base64url')

/** Starts a service from its build, with the settings that it has in production. */
export function startService(name: Service, settings: ServiceSettings): Promise<ReadyProcess> {
  const gatewayPort = String(settings.gatewayPort ?? 8080)
  return startProcess(name, join(root, 'services', name, 'dist/main.js'), settings.logDir, {
    NODE_ENV: 'production',
    LOG_LEVEL: 'info',
    DATABASE_URL: settings.databaseUrl,
    REDIS_URL: settings.redisUrl,
    QUEUE_PREFIX: settings.prefix,
    SMTP_URL: `smtp://127.0.0.1:${settings.smtpPort ?? 25}`,
    MAIL_FROM: 'Portcullis <security@portcullis.localhost>',
    MASTER_KEY: masterKey,
    PUBLIC_URL: `http://127.0.0.1:${gatewayPort}`,
    GATEWAY_HOST: '127.0.0.1',
    GATEWAY_PORT: gatewayPort,
    ...settings.env,
  })
}

/** Starts a bare Node process. */
export function startBareNode(logDir: string): Promise<ReadyProcess> {
  return startProcess('bare-node', fileURLToPath(new URL('part/bare-node.mjs', import.meta.url)), logDir, {})
}

async function startProcess(
  name: string,
  file: string,
  logDir: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadyProcess> {
  const port = await freePort()
  const log = join(logDir, `${name}.log`)
  const began = performance.now()
  const child = spawnTied(process.execPath, [file], {
    cwd: root,
    log,
    env: { PATH: process.env['PATH'], METRICS_HOST: '127.0.0.1', METRICS_PORT: String(port), ...env },
  })
  let ended = false
  void child.exited.then(() => (ended = true))
  while (!(await isReady(port))) {
    if (ended || performance.now() - began > readyMs) {
      await stop(child)
      throw new Error(`${name} did not get ready:\n${readFileSync(log, 'utf8').slice(-2000)}`)
    }
    await wait(3)
  }
  const took = performance.now() - began
  return {
    pid: child.pid,
    readyMs: took,
    memoryMb: residentMb(child.pid),
    metricsPort: port,
    stop: async () => void (await stop(child)),
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', () => resolve(false))
  })
}

/** Resident memory of a process, as the kernel counts it. */
export function residentMb(pid: number): number {
  const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return (Number(kib) * 1024) / 1e6
}
