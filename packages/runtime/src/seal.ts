import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { Failure } from '@portcullis/contracts/errors'
import { randomBytesOf } from './random.ts'

/** A key and the name by which sealed text refers to it: 1 to 32 of `A-Z a-z 0-9 _ -`, never given to another key. */
export interface SealingKey {
  readonly id: string
  /** 32 random bytes. */
  readonly key: Uint8Array
}

/** Seals secrets that must be read again (a TOTP secret) before they are stored. */
export interface Sealer {
  /** Seals under the newest key. The same text never comes twice. Throws `Error` for an empty `aad`. */
  seal(plain: Uint8Array, aad: string): string
  /**
   * Opens what was sealed under any of the keys with the same `aad`. Whatever is wrong (form, key, place, a changed bit) is the one
   * `Failure('internal_error')`, without a word of what: it is never to be taken for "there is no secret".
   */
  open(sealed: string, aad: string): Uint8Array
  /** How every text under the newest key begins, and no other does. */
  readonly newestPrefix: string
  /** Whether a text is not under the newest key, so that the job of a key rotation should seal it again. True for broken text. */
  needsReseal(sealed: string): boolean
}

const algorithm = 'aes-256-gcm'
const version = 'v1'
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/**
 * AES-256-GCM with a random IV of 96 bits, as `v1.<key id>.<iv>.<ciphertext>.<tag>` in base64url. One key is good for 2^32 sealings
 * (the house makes a few for each account); rotate by putting a new key first, resealing, and then taking the old one out.
 * `unnamed`: an id from before keys had names of their own; text under it is tried with every key.
 * Throws `Error` for no key, an id used twice or of another form, or a key that has not 32 bytes; no key is in its message.
 * Source: NIST SP 800-38D 8.2.2, 8.3; OWASP ASVS 5 11.3.2, 11.3.4, 13.3.1.
 */
export function createSealer(options: { readonly keys: readonly SealingKey[]; readonly unnamed?: string }): Sealer {
  const keys = readKeys(options.keys)
  const [newest] = keys
  if (newest === undefined) throw new Error('a sealer needs a key')
  const [newestId, newestKey] = newest

  return {
    seal(plain, aad) {
      if (aad === '') throw new Error('what is sealed must be bound to its place')
      const iv = randomBytesOf(ivBytes)
      const cipher = createCipheriv(algorithm, newestKey, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(aad))
      const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
      const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))
      return [version, newestId, ...parts].join('.')
    },
    open(sealed, aad) {
      const parts = readParts(sealed)
      if (parts === undefined) throw refusal()
      const key = keys.get(parts.keyId)
      const unnamed = key === undefined && parts.keyId === options.unnamed
      for (const one of unnamed ? keys.values() : key ? [key] : []) {
        const plain = decipher(one, parts, aad)
        if (plain !== undefined) return plain
      }
      throw refusal()
    },
    newestPrefix: `${version}.${newestId}.`,
    needsReseal: (sealed) => readParts(sealed)?.keyId !== newestId,
  }
}

/** The `aad` of a secret in a table: `table|column|row id`, so that sealed text opens in its own place only. Throws `Error` for a `|` within. */
export function sealedPlace(table: string, column: string, rowId: string): string {
  const names = [table, column, rowId]
  if (names.some((name) => name === '' || name.includes('|'))) throw new Error('a sealed place has three plain names')
  return names.join('|')
}

/** `undefined` where the tag does not fit: another key, another place, or a changed bit. */
function decipher(key: KeyObject, { iv, ciphertext, tag }: SealedParts, aad: string): Buffer | undefined {
  try {
    const decipherer = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes })
    decipherer.setAAD(Buffer.from(aad)).setAuthTag(tag)
    return Buffer.concat([decipherer.update(ciphertext), decipherer.final()])
  } catch {
    return undefined
  }
}

function readKeys(keys: readonly SealingKey[]): Map<string, KeyObject> {
  const known = new Map<string, KeyObject>()
  for (const { id, key } of keys) {
    if (!/^[\w-]{1,32}$/.test(id) || known.has(id)) throw new Error('a sealing key needs an id of its own')
    if (key.byteLength !== keyBytes) throw new Error(`a sealing key has ${keyBytes} bytes`)
    known.set(id, createSecretKey(key))
  }
  return known
}

interface SealedParts {
  readonly keyId: string
  readonly iv: Buffer
  readonly ciphertext: Buffer
  readonly tag: Buffer
}

function readParts(sealed: string): SealedParts | undefined {
  const [format, keyId, ivText, ciphertextText, tagText, ...rest] = sealed.split('.')
  if (format !== version || keyId === undefined || rest.length > 0) return undefined
  const [iv, ciphertext, tag] = [readBytes(ivText), readBytes(ciphertextText), readBytes(tagText)]
  if (iv?.length !== ivBytes || ciphertext === undefined || tag?.length !== tagBytes) return undefined
  return { keyId, iv, ciphertext, tag }
}

/** Base64url in its one spelling, so that no sealed text has a second form. */
function readBytes(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

function refusal(): Failure {
  return new Failure('internal_error', { internal: 'a sealed value cannot be opened' })
}
