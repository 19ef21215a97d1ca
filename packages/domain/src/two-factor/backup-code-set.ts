import type { PasswordHasher } from '../password/hash.ts'
import { formatBackupCode, newBackupCodes } from './backup-code.ts'

/** A new set: what its owner is shown, once, and what is stored. */
export interface BackupCodeSet {
  readonly codes: readonly string[]
  /** In the order of the codes' indexes. */
  readonly hashes: readonly string[]
}

/** Makes ten codes and their hashes, through the gate that bounds all hashing. */
export async function hashBackupCodes(hasher: PasswordHasher): Promise<BackupCodeSet> {
  const made = newBackupCodes()
  const hashes: string[] = []
  // One after another: ten at once would push everybody else's login aside.
  for (const { code } of made) hashes.push(await hasher.hash(code))
  return { codes: made.map(formatBackupCode), hashes }
}
