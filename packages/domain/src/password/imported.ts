import { pbkdf2, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { sameBytes } from '@portcullis/runtime/digest'
import { createHashGate, type HashGate } from './hash-gate.ts'
import { type ImportedHash, readImportedHash } from './imported-hash.ts'
import { normalizePassword } from './normalize.ts'

/** How a password fared against a hash from elsewhere. Only `ok` opens; the caller is told no more of the rest than of a wrong password. */
export type ImportedVerdict =
  /** The password is right: store a hash of our own in place of this one. */
  | { readonly ok: true }
  /**
   * `too_long`: bcrypt counts 72 bytes and no more, so a longer password is never taken, even if it begins with the right one; the owner
   * needs a reset. `unusable`: the hash is broken or too costly, and should have been refused at import: tell the operator.
   */
  | { readonly ok: false; readonly why: 'wrong' | 'too_long' | 'unusable' }

/** Verifies passwords against hashes that another system made. */
export interface ImportedVerifier {
  /** Throws `Failure('rate_limited')` where a queue is full. Never holds up the event loop: all schemes run on libuv's threads. */
  verifyImported(password: string, phc: string): Promise<ImportedVerdict>
}

const bcryptBytesMost = 72
/** A hash that takes more memory than this waits for its like, too. One of ours takes 19 MiB. */
const heavyBytes = 32 * 2 ** 20
const heavyWaitMost = 8
const scryptMemoryMost = 256 * 2 ** 20
const scryptOf = promisify<Buffer, Buffer, number, object, Buffer>(scrypt)
const pbkdf2Of = promisify(pbkdf2)

/**
 * Makes a verifier whose hashes pass `gate`, the one that all password hashing shares. Those that take much memory (scrypt, up to 128
 * MiB) run one at a time besides. A password is tried in NFC and, where that differs, as it came: the other system may have
 * hashed either. Source: OWASP ASVS 5 6.2.8, 6.3.1; OWASP Password Storage Cheat Sheet.
 */
export function createImportedVerifier(gate: HashGate): ImportedVerifier {
  const heavyGate = createHashGate({ atOnceMost: 1, queueMost: heavyWaitMost })

  return {
    async verifyImported(password, phc) {
      const read = readImportedHash(phc)
      if (!read.ok) return { ok: false, why: 'unusable' }
      const { hash } = read
      const work = () => gate.run(() => tryAll(password, hash))
      return memoryOf(hash) > heavyBytes ? heavyGate.run(work) : work()
    },
  }
}

async function tryAll(password: string, hash: ImportedHash): Promise<ImportedVerdict> {
  let why: 'wrong' | 'too_long' = 'wrong'
  for (const spelling of new Set([normalizePassword(password), password])) {
    const bytes = Buffer.from(spelling, 'utf8')
    const tooLong = hash.scheme === 'bcrypt' && bytes.length > bcryptBytesMost
    if (tooLong) why = 'too_long'
    // What cannot be right is computed all the same: the time must not tell what is stored.
    const fits = await matches(bytes, hash)
    // Half a character is encoded as U+FFFD, and so matches another password.
    if (fits && !tooLong && password.isWellFormed() && !hasTwin(bytes, hash)) return { ok: true }
  }
  return { ok: false, why }
}

/** bcrypt repeats a password with NUL between, and HMAC fills it up with NUL: to these `a\0a`, or `a\0`, is the same as `a`. */
function hasTwin(password: Buffer, hash: ImportedHash): boolean {
  return hash.scheme === 'bcrypt' ? password.includes(0) : password.at(-1) === 0
}

async function matches(password: Buffer, hash: ImportedHash): Promise<boolean> {
  if (hash.scheme === 'bcrypt') {
    // Loaded at first use: 3 MB that a house without such hashes never needs.
    const { verify } = await import('@node-rs/bcrypt')
    return verify(password, hash.text)
  }
  const { salt, tag } = hash
  if (hash.scheme === 'pbkdf2') {
    return sameBytes(await pbkdf2Of(password, salt, hash.iterations, tag.length, hash.digest), tag)
  }
  const cost = { N: hash.cost, r: hash.blockSize, p: hash.lanes, maxmem: scryptMemoryMost }
  return sameBytes(await scryptOf(password, salt, tag.length, cost), tag)
}

function memoryOf(hash: ImportedHash): number {
  return hash.scheme === 'scrypt' ? 128 * hash.cost * hash.blockSize : 0
}
