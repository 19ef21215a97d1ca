import { createHash } from 'node:crypto'

/**
 * The fingerprint of a public key as OpenSSH shows it: `SHA256:` and the base64 of the SHA-256 of its blob, without `=`.
 * Two texts are the same key when, and only when, their fingerprints are equal: the parser lets one spelling of each key through.
 */
export function sshFingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
