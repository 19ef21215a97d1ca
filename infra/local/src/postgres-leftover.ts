import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const graceMs = 5_000

/**
 * Ends a server that an earlier run left behind on this data folder, and clears a `postmaster.pid` whose number now belongs to
 * some other program (Postgres would refuse to start over it). Does nothing where there is none.
 */
export async function endLeftover(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid')
  const pid = readPid(file)
  if (pid === undefined) return
  if (!serves(pid, dataDir)) return isAlive(pid) ? rmSync(file, { force: true }) : undefined
  if (await endBy(pid, dataDir, 'SIGINT')) return
  if (await endBy(pid, dataDir, 'SIGQUIT')) return
  throw new Error(`A Postgres of an earlier run (process ${pid}) does not end. End it by hand, then start again.`)
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return pid > 1 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Whether that process is a server of this very folder. One that is dead but not yet reaped has no command line: false. */
function serves(pid: number, dataDir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataDir)
  } catch {
    const said = spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
    return said.status === 0 && said.stdout.includes(` ${dataDir} `)
  }
}

async function endBy(pid: number, dataDir: string, signal: NodeJS.Signals): Promise<boolean> {
  const until = Date.now() + graceMs
  try {
    process.kill(pid, signal)
  } catch {
    return !serves(pid, dataDir)
  }
  while (serves(pid, dataDir) && Date.now() < until) await wait(20)
  return !serves(pid, dataDir)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
