import { generateKeyPairSync } from 'node:crypto'

/** A new Ed25519 public key, as `ssh-keygen` writes it into a `.pub` file. */
export function newSshKeyLine(comment = 'ada@laptop'): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const blob = Buffer.concat([sized(Buffer.from('ssh-ed25519')), sized(Buffer.from(x, 'base64url'))])
  return `ssh-ed25519 ${blob.toString('base64')} ${comment}\n`
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
