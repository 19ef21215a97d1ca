import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a running house is to be found: what `npm start` shows, for programs. */
export interface Run {
  /** Address of the gateway. */
  readonly gateway: string
  /** Page of the API's documentation. */
  readonly docs: string
  /** Page of the mail inbox; null where mail goes to SMTP_URL. */
  readonly inbox: string | null
  /** Base address of each service's metrics and health. */
  readonly metrics: Readonly<Record<string, string>>
  /** Process of each service, and of the supervisor as `start`. */
  readonly pids: Readonly<Record<string, number>>
  readonly database: string
  /** Null: it runs without Redis. */
  readonly redis: string | null
}

const name = 'run.json'

/** Writes `run.json` of this folder whole or not at all (mode 0600: addresses given from outside may hold a password). */
export function writeRunFile(dir: string, run: Run): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const draft = join(dir, `${name}.${process.pid}`)
  writeFileSync(draft, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, join(dir, name))
}

/** The run that is told of in this folder; undefined where there is none. It may have died without taking its file away. */
export function readRunFile(dir: string): Run | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, name), 'utf8')) as Run
  } catch {
    return undefined
  }
}

/** Takes `run.json` of this folder away. */
export function removeRunFile(dir: string): void {
  rmSync(join(dir, name), { force: true })
}
