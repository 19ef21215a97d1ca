import { randomBytes } from 'node:crypto'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { createHashGate, type HashGate } from './hash-gate.ts'
import { normalizePassword } from './normalize.ts'

/** Cost of a hash and how many are made at a time. Memory in use is at most `atOnceMost` x `memoryKib`. */
export interface PasswordHasherOptions {
  /** KiB for each hash. Default 19456 (19 MiB), the least that OWASP recommends with 2 passes. */
  readonly memoryKib?: number
  /** Default 2. */
  readonly passes?: number
  /** Default 1. */
  readonly lanes?: number
  /** Hashes that run at a time. They share libuv's threads (4 unless `UV_THREADPOOL_SIZE` says more) with file and DNS work. */
  readonly atOnceMost: number
  /** A gate that others share: imported hashes cost as much. Default: one of its own. */
  readonly gate?: HashGate
  /** Hashes that wait. Beyond it a call throws `Failure('rate_limited')`. */
  readonly queueMost: number
}

/** Hashes passwords with Argon2id. All calls share one gate; each throws `Failure('rate_limited')` where its queue is full. */
export interface PasswordHasher {
  /** A PHC string with a fresh 16-byte salt. Throws a plain `Error` for text that is not whole Unicode: the policy refuses it. */
  hash(password: string): Promise<string>
  /** Whether `password` is the one behind `phc`, whatever its parameters. Throws a plain `Error` where `phc` is not an Argon2id hash. */
  verify(password: string, phc: string): Promise<boolean>
  /** Whether `phc` was not made with today's parameters, so that the next good login should replace it. */
  needsRehash(phc: string): boolean
  /** Costs what `verify` costs under today's parameters and is always false: for accounts that do not exist or have no password. */
  verifyNothing(password: string): Promise<false>
}

const saltBytes = 16
const tagBytes = 32
/** `Algorithm.Argon2id` and `Version.V0x13` of @node-rs/argon2, whose const enums isolated modules cannot name. */
const argon2id = 2
const version13 = 1
const costNames = ['memoryCost', 'timeCost', 'parallelism', 'outputLen'] as const

/**
 * Makes a hasher. Passwords are taken in NFC and hashed whole, however long. Only numbers, never a password or a hash, are in its errors.
 * Source: RFC 9106; OWASP Password Storage Cheat Sheet; OWASP ASVS 5 6.2.8, 11.4.2; NIST SP 800-63B-4 3.1.1.2.
 */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { memoryKib = 19_456, passes = 2, lanes = 1 } = options
  const cost = { memoryCost: memoryKib, timeCost: passes, parallelism: lanes, outputLen: tagBytes }
  const gate = options.gate ?? createHashGate(options)
  // No password is known to have this tag: finding one is finding a preimage.
  const nobody = formatPhc(cost, randomBytes(saltBytes), randomBytes(tagBytes))

  async function verifyNothing(password: string): Promise<false> {
    await gate.run(() => verify(nobody, bytesOf(password)))
    return false
  }

  return {
    verifyNothing,
    async hash(password) {
      if (!password.isWellFormed()) throw new Error('a password that is not whole Unicode text cannot be hashed')
      return gate.run(() => hash(bytesOf(password), { ...cost, algorithm: argon2id, salt: randomBytes(saltBytes) }))
    },
    async verify(password, phc) {
      if (parsePhc(phc) === undefined) throw new Error('a stored password hash is not an Argon2id PHC string')
      // Half a character would be encoded as U+FFFD, and so match another password.
      if (!password.isWellFormed()) return verifyNothing(password)
      return gate.run(() => verify(phc, bytesOf(password)))
    },
    needsRehash(phc) {
      const made = parsePhc(phc)
      if (made === undefined || made.version !== version13 || made.saltLen < saltBytes) return true
      return costNames.some((name) => made[name] !== cost[name])
    },
  }
}

function parsePhc(phc: string) {
  try {
    const made = parseOptions(phc)
    return made.algorithm === argon2id ? made : undefined
  } catch {
    return undefined
  }
}

function bytesOf(password: string): Buffer {
  return Buffer.from(normalizePassword(password), 'utf8')
}

function formatPhc(
  cost: { memoryCost: number; timeCost: number; parallelism: number },
  salt: Buffer,
  tag: Buffer,
): string {
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}$${text(salt)}$${text(tag)}`
}
