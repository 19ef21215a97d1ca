import { createPublicKey, type KeyObject, verify } from 'node:crypto'

/** Reads a public key of GitHub: PEM, ECDSA on P-256; `undefined` for anything else. */
export function readGithubKey(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: pem, format: 'pem' })
    const curve = key.asymmetricKeyDetails?.namedCurve
    return key.asymmetricKeyType === 'ec' && curve === 'prime256v1' ? key : undefined
  } catch {
    return undefined
  }
}

/**
 * Whether the raw bytes of a report were signed by GitHub: ECDSA P-256 over SHA-256, the signature in DER as base64. Parsed and
 * written again they would not be. Source: GitHub secret scanning partner program (`ECDSA-NIST-P256V1-SHA256`).
 */
export function isSignedByGithub(key: KeyObject, body: Uint8Array, signature: string): boolean {
  if (!/^[A-Za-z0-9+/]{40,200}={0,2}$/.test(signature)) return false
  try {
    return verify('sha256', body, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
