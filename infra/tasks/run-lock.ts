import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes this process the only one that runs a house in `dir`. Answers with how to give that up, or with the process that has it
 * already. What a killed process left behind does not count.
 */
export function takeRunLock(dir: string): { release: () => void } | { heldBy: number } {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = join(dir, 'start.lock')
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${process.pid}\n`, { mode: 0o600 })
  try {
    for (;;) {
      if (link(draft, file)) return { release: () => rmSync(file, { force: true }) }
      const pid = readPid(file)
      if (isHouse(pid)) return { heldBy: pid }
      rmSync(file, { force: true })
    }
  } finally {
    rmSync(draft)
  }
}

/** Gives the file its second name, whole, unless that name is taken. */
function link(draft: string, file: string): boolean {
  try {
    linkSync(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

function readPid(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

/** Whether that process is alive and a start of a house, not a stranger to whom the number was given since. */
function isHouse(pid: number): boolean {
  if (!(pid > 1) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tasks/start.ts')
  } catch {
    return true
  }
}
