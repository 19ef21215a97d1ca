import { createHash } from 'node:crypto'

/**
 * The fingerprint of a public key as OpenSSH shows it: `SHA256:` and the base64 of the SHA-256 of its blob, without `=`.
 * Two texts are the same key when, and only when, their fingerprints are equal: the parser lets one spelling of each key through.
 */
export function sshFingerprint(blob: Buffer): string {
  return fingerprintText(createHash('sha256').update(blob).digest())
}

/** A stored digest (32 bytes) as OpenSSH shows it. */
export function fingerprintText(digest: Uint8Array): string {
  return `SHA256:${Buffer.from(digest).toString('base64').replace(/=+$/, '')}`
}
