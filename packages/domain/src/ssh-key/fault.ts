import { sshKeyTypes } from './type.ts'

/** Octets of the text of a key. OpenSSH reads no longer line from an authorized_keys file. */
export const keyTextOctetsMost = 8192
/** Bits of an RSA modulus. Beyond it a check costs the server more than it gains. */
export const rsaBitsMost = 8192

/** Why a text is no usable key, with the end of the sentence "The key …": what is wrong, and what would help. */
const details = {
  ssh_private_key:
    'is a private key. It was not kept, but treat it as known to others: make a new pair and send its .pub file',
  ssh_empty: 'is empty',
  ssh_too_long: `must have at most ${keyTextOctetsMost} octets`,
  ssh_file_format: 'must be one OpenSSH line: convert PEM and RFC 4716 files with `ssh-keygen -i -f FILE`',
  ssh_several_lines: 'must be one line: send one key at a time',
  ssh_control_character:
    'must not hold control characters, tabs, line separators or marks that change the writing direction',
  ssh_cert_authority: 'must be a key of its own: an authority that signs other keys is not taken',
  ssh_options: 'must begin with its type: options or host names before it are not taken',
  ssh_certificate: 'must be a plain key, not a certificate',
  ssh_dss: 'must not be DSA: such keys are too weak, and OpenSSH no longer knows them',
  ssh_unknown_type: `must begin with one of the types ${sshKeyTypes.join(', ')}`,
  ssh_base64: 'must have its data in plain base64 after one space behind its type',
  ssh_type_mismatch: 'must have the same type inside as before it',
  ssh_cut: 'must be whole: part of its data is missing',
  ssh_trailing_bytes: 'must end where its data ends: there is more behind it',
  ssh_number_negative: 'must not hold a negative number',
  ssh_number_padded: 'must hold its numbers without leading zeros',
  ssh_ed25519_length: 'must hold exactly 32 bytes of Ed25519 key',
  ssh_ed25519_point: 'must be a point of the Ed25519 curve',
  ssh_ed25519_low_order: 'must not be an Ed25519 point of low order: anyone could sign for it',
  ssh_ecdsa_curve: 'must use the curve that its type names',
  ssh_ecdsa_compressed: 'must hold its point uncompressed, as OpenSSH wants it',
  ssh_ecdsa_point: 'must be a point of its curve',
  ssh_security_key_application: 'must be a security key made for SSH: its application must begin with ssh:',
  ssh_rsa_too_short: 'must have a longer modulus: make one with `ssh-keygen -t ed25519`, or `-t rsa -b 3072`',
  ssh_rsa_too_long: `must have a modulus of at most ${rsaBitsMost} bits`,
  ssh_rsa_exponent_even: 'must have an odd exponent: with an even one nothing it signs can be verified',
  ssh_rsa_exponent_small:
    'must have an exponent of 65537 or more: with a smaller one, mistakes in padding let others forge',
  ssh_rsa_exponent_large:
    'must have an exponent of at most 64 bits: OpenSSL verifies no larger one, and it only costs time',
  ssh_rsa_small_factor: 'must not have a modulus that a small prime divides: it can be taken apart',
  ssh_rsa_close_primes: 'must not have primes that lie close together: it can be taken apart',
  ssh_rsa_roca: 'must not come from a chip with the ROCA fault (CVE-2017-15361): it can be taken apart',
} as const satisfies Record<string, string>

/** Which rule a key breaks. Stable, part of the contract. */
export type SshKeyFaultCode = keyof typeof details

/** The first rule that a key breaks. `detail` ends the sentence "The key …" and never repeats any of the input. */
export interface SshKeyRefusal {
  readonly ok: false
  readonly code: SshKeyFaultCode
  readonly detail: string
}

/** Makes the refusal from its code alone, so that nothing of the key can come along. */
export function refuseKey(code: SshKeyFaultCode): SshKeyRefusal {
  return { ok: false, code, detail: details[code] }
}
