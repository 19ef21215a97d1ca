import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A Redis (or Valkey) server program that was run once and answered. */
export interface RedisProgram {
  readonly path: string
  /** For people: `Redis 7.0.15`. */
  readonly name: string
  /** Folders of its libraries, where the system does not have them. */
  readonly libraryPath: string | undefined
}

/** BullMQ 6 asks for 6.2 or newer. */
const oldest = [6, 2] as const

/**
 * Runs `path --version` and tells what it is. Undefined: it is missing, does not run, is no Redis or older than 6.2;
 * a file of that name alone proves nothing.
 */
export function tryProgram(path: string, libraryPath?: string): RedisProgram | undefined {
  if (!existsSync(path)) return undefined
  const env = { ...process.env, ...(libraryPath === undefined ? {} : { LD_LIBRARY_PATH: libraryPath }) }
  const said = spawnSync(path, ['--version'], { encoding: 'utf8', env, timeout: 10_000 })
  const version = said.status === 0 ? /(Redis|Valkey) server v=(\d+)\.(\d+)\S*/i.exec(said.stdout) : null
  if (!version) return undefined
  const [major, minor] = [Number(version[2]), Number(version[3])]
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) return undefined
  return { path, name: version[0].replace(' server v=', ' '), libraryPath }
}

/** The first working server program in the folders of `path` (default: PATH). */
export function findOnPath(path = process.env['PATH'] ?? ''): RedisProgram | undefined {
  for (const dir of path.split(delimiter)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const found = dir === '' ? undefined : tryProgram(join(dir, name))
      if (found) return found
    }
  }
  return undefined
}
