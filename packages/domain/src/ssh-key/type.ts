/** The key types that may open a rented server. Source: OWASP ASVS 5 11.2.3, 11.6.1. */
export const sshKeyTypes = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
] as const

/** One of the accepted key types, as OpenSSH names it. `ssh-rsa` names the key: it signs with `rsa-sha2-256` or `-512`. */
export type SshKeyType = (typeof sshKeyTypes)[number]

/** Whether `name` is an accepted key type, letter for letter. */
export function isSshKeyType(name: string): name is SshKeyType {
  return sshKeyTypes.some((type) => type === name)
}
