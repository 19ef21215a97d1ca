import { type KeyObject, sign, verify } from 'node:crypto'
import type { AuditEnd, AuditKey, AuditSeal } from '@portcullis/contracts/audit-export'
import { ed25519PublicOf, readEd25519Public } from '@portcullis/runtime/ed25519'
import { canonical } from './canonical.ts'

/** What a signature is about, so that one can never stand for another. */
export type SignedAs = 'audit-seal:v1' | 'audit-export:v1'

function signedText(type: SignedAs, content: AuditSeal | AuditEnd): Buffer {
  return Buffer.from(canonical({ type, ...content }), 'utf8')
}

/** Signs the canonical form (RFC 8785) by Ed25519 (RFC 8032): 64 bytes. */
export function signAudit(key: KeyObject, type: SignedAs, content: AuditSeal | AuditEnd): Buffer {
  return sign(null, signedText(type, content), key)
}

/** Verifies signatures by the keys that it knows, and says why one does not hold. */
export type SignatureCheck = (
  type: SignedAs,
  content: AuditSeal | AuditEnd,
  signature: string,
) => 'good' | 'key_unknown' | 'signature_wrong'

/** A check by these public keys. A key counts under its own thumbprint, whatever it is called. */
export function signatureCheckBy(keys: readonly Pick<AuditKey, 'x'>[]): SignatureCheck {
  const known = new Map<string, KeyObject>()
  for (const { x } of keys) {
    const key = readEd25519Public(x)
    if (key) known.set(ed25519PublicOf(key).kid, key)
  }
  return (type, content, signature) => {
    const key = known.get(content.keyId)
    if (!key) return 'key_unknown'
    return verify(null, signedText(type, content), key, Buffer.from(signature, 'base64url'))
      ? 'good'
      : 'signature_wrong'
  }
}
