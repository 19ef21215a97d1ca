import { sign } from 'node:crypto'
import { type Ed25519PublicKey, ed25519KeyOf, ed25519PublicOf } from '@portcullis/runtime/ed25519'
import { deriveKeys, type MasterKeys } from '@portcullis/runtime/master-key-ring'

/** For ever: whoever holds a token of ours verifies it by a key that comes from here. */
const purpose = 'security-event-signing:v1'

/** A public key as a JWK set shows it. */
export type PublicSigningKey = Ed25519PublicKey

/** What signs security event tokens. */
export interface SigningKeys {
  /** Name of the key that signs now. */
  readonly kid: string
  sign(text: string): Buffer
  /** The newest first; those of former master keys verify what they have signed. */
  readonly published: readonly PublicSigningKey[]
}

/**
 * Makes the Ed25519 keys (RFC 8032) of the master keys: nothing is stored, and every process has the same. Rotating the master
 * key rotates them; as long as the former one is known, its public key stays published.
 */
export function createSigningKeys(masters: MasterKeys): SigningKeys {
  const [newest, ...older] = deriveKeys(masters, purpose).map(ed25519KeyOf)
  if (newest === undefined) throw new Error('there is no master key')
  const published = [newest, ...older].map(ed25519PublicOf)
  const [{ kid } = { kid: '' }] = published
  return { kid, published, sign: (text) => sign(null, Buffer.from(text, 'utf8'), newest) }
}
