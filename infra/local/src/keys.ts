import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Secrets of a development house, made once. */
export interface Keys {
  /** 32 random bytes in base64url: what every other key is derived from. */
  readonly masterKey: string
}

const form = /^[A-Za-z0-9_-]{43}$/

/**
 * Reads `keys.json` of this folder (mode 0600), making it where there is none. Many processes may ask at once: all get the same.
 * Throws when the file is there but not readable as keys; it is never overwritten, since data may be encrypted under it.
 */
export function readKeys(dir: string): Keys {
  const file = join(dir, 'keys.json')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, JSON.stringify({ masterKey: randomBytes(32).toString('base64url') }), { mode: 0o600 })
  try {
    // A link never replaces what is there.
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  const { masterKey } = JSON.parse(readFileSync(file, 'utf8')) as { masterKey?: unknown }
  if (typeof masterKey !== 'string' || !form.test(masterKey)) throw new Error(`${file} does not hold a master key`)
  return { masterKey }
}
