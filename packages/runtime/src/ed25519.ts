import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { sha256 } from './digest.ts'

/** PKCS #8 of an Ed25519 key, up to its seed. Source: RFC 8410 7. */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A public key as a JWK set shows it. Source: RFC 8037 2. */
export interface Ed25519PublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  /** Its thumbprint: a name that no other key can have. Source: RFC 7638. */
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

/** The Ed25519 key (RFC 8032) of a seed of 32 bytes. */
export function ed25519KeyOf(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' })
}

/** What may be shown of a key, private or public. */
export function ed25519PublicOf(key: KeyObject): Ed25519PublicKey {
  const { x } = (key.type === 'public' ? key : createPublicKey(key)).export({ format: 'jwk' })
  if (x === undefined) throw new Error('an Ed25519 key has an x')
  // RFC 7638 3.2: the members that are needed, in the order of their names, without spaces.
  const kid = sha256(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })).toString('base64url')
  return { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' }
}

/** Reads a public key by its `x` (32 bytes as base64url). `undefined` for what is none. */
export function readEd25519Public(x: string): KeyObject | undefined {
  if (!/^[\w-]{43}$/.test(x)) return undefined
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  } catch {
    return undefined
  }
}
