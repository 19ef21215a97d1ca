import { checkEcdsaPoint, sshCurves, type SshCurve } from './ecdsa.ts'
import { checkEd25519 } from './ed25519.ts'
import { refuseKey, type SshKeyFaultCode, type SshKeyRefusal } from './fault.ts'
import { sshFingerprint } from './fingerprint.ts'
import { readKeyLine } from './line.ts'
import { bitLength, checkRsa } from './rsa.ts'
import type { SshKeyType } from './type.ts'
import { type MpintFault, WireReader } from './wire.ts'

/** What the house may set. */
export interface SshKeyPolicy {
  /** Bits of the shortest RSA modulus; 3072 when absent; less than 2048 counts as 2048. */
  readonly rsaBitsLeast?: number
}

/** A key that may be stored and deployed. */
export interface SshPublicKey {
  readonly ok: true
  readonly type: SshKeyType
  /** The key in wire format: what a revocation list holds. */
  readonly blob: Buffer
  /** `type base64`: the only form that is stored and deployed. Reads back as the same key. */
  readonly canonical: string
  /** Its size as OpenSSH tells it: of the RSA modulus or of the curve. */
  readonly bits: number
  /** For ECDSA: the curve by its SSH name. */
  readonly curve?: SshCurve
  /** `SHA256:` and 43 characters. */
  readonly fingerprint: string
}

/** What the fields of a key tell when they are sound. */
interface SoundFields {
  readonly bits: number
  readonly curve?: SshCurve
}

const rsaBitsLeastDefault = 3072
const ed25519Bits = 256

/**
 * Reads one public key as a person pasted it from a `.pub` file. What comes back was taken apart, checked and put together again;
 * of the text nothing else is left: no option, no comment. A refusal names the first broken rule and repeats nothing. Pure; at
 * most a few milliseconds whatever the text. A weak or malformed key is refused here, because `ssh-keygen -l` lets many through.
 * Source: RFC 4253 6.6 (RSA), RFC 5656 3.1 (ECDSA), RFC 8709 4 (Ed25519), OpenSSH PROTOCOL.u2f (sk-).
 */
export function parseSshPublicKey(text: string, policy: SshKeyPolicy = {}): SshPublicKey | SshKeyRefusal {
  const line = readKeyLine(text)
  if (typeof line === 'string') return refuseKey(line)
  const { type, blob } = line
  const reader = new WireReader(blob)
  const inner = reader.string()
  if (inner === undefined) return refuseKey('ssh_cut')
  if (!inner.equals(Buffer.from(type))) return refuseKey('ssh_type_mismatch')
  const fields = readFields(type, reader, policy)
  if (typeof fields === 'string') return refuseKey(fields)
  const canonical = `${type} ${blob.toString('base64')}`
  return { ok: true, type, blob, canonical, fingerprint: sshFingerprint(blob), ...fields }
}

function readFields(type: SshKeyType, reader: WireReader, policy: SshKeyPolicy): SoundFields | SshKeyFaultCode {
  switch (type) {
    case 'ssh-ed25519':
      return readEd25519(reader, false)
    case 'sk-ssh-ed25519@openssh.com':
      return readEd25519(reader, true)
    case 'ecdsa-sha2-nistp256':
      return readEcdsa(reader, 'nistp256', false)
    case 'ecdsa-sha2-nistp384':
      return readEcdsa(reader, 'nistp384', false)
    case 'ecdsa-sha2-nistp521':
      return readEcdsa(reader, 'nistp521', false)
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return readEcdsa(reader, 'nistp256', true)
    case 'ssh-rsa':
      return readRsa(reader, policy.rsaBitsLeast ?? rsaBitsLeastDefault)
  }
}

function readEd25519(reader: WireReader, onSecurityKey: boolean): SoundFields | SshKeyFaultCode {
  const key = reader.string()
  if (key === undefined) return 'ssh_cut'
  return checkEd25519(key) ?? readEnd(reader, onSecurityKey) ?? { bits: ed25519Bits }
}

function readEcdsa(reader: WireReader, curve: SshCurve, onSecurityKey: boolean): SoundFields | SshKeyFaultCode {
  const named = reader.string()
  const point = reader.string()
  if (named === undefined || point === undefined) return 'ssh_cut'
  if (!named.equals(Buffer.from(curve))) return 'ssh_ecdsa_curve'
  return checkEcdsaPoint(curve, point) ?? readEnd(reader, onSecurityKey) ?? { bits: sshCurves[curve].bits, curve }
}

const mpintFaults: Record<MpintFault, SshKeyFaultCode> = {
  cut: 'ssh_cut',
  negative: 'ssh_number_negative',
  padded: 'ssh_number_padded',
}

function readRsa(reader: WireReader, bitsLeast: number): SoundFields | SshKeyFaultCode {
  const exponent = reader.mpint()
  if (!exponent.ok) return mpintFaults[exponent.fault]
  const modulus = reader.mpint()
  if (!modulus.ok) return mpintFaults[modulus.fault]
  // The end comes before the arithmetic, which costs more.
  return (
    readEnd(reader, false) ?? checkRsa(exponent.value, modulus.value, bitsLeast) ?? { bits: bitLength(modulus.value) }
  )
}

/** What follows the key proper: the application of a security key, then nothing. */
function readEnd(reader: WireReader, onSecurityKey: boolean): SshKeyFaultCode | undefined {
  if (onSecurityKey) {
    const application = reader.string()
    if (application === undefined) return 'ssh_cut'
    // OpenSSH reads it as a C string, so a NUL inside would make a key that no server takes.
    if (!application.toString('latin1').startsWith('ssh:') || application.includes(0))
      return 'ssh_security_key_application'
  }
  return reader.atEnd ? undefined : 'ssh_trailing_bytes'
}
