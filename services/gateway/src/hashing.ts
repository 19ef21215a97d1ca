import { createFailureFloor, type FailureFloor } from '@portcullis/domain/password/failure-floor'
import type { FailureFloorDeps } from '@portcullis/domain/password/failure-floor'
import { createPasswordHasher, type PasswordHasher, type PasswordHasherOptions } from '@portcullis/domain/password/hash'
import { createHashGate } from '@portcullis/domain/password/hash-gate'
import { createImportedVerifier } from '@portcullis/domain/password/imported'
import { withImported } from '@portcullis/domain/password/with-imported'

/** All that has to do with hashes of passwords. */
export interface Hashing {
  readonly hasher: PasswordHasher
  readonly floor: FailureFloor
}

/** Makes the hasher, for hashes of ours and for those that came with imported accounts, behind one gate; and the floor of failed logins. */
export function createHashing(
  options: Omit<PasswordHasherOptions, 'gate'> & Omit<FailureFloorDeps, 'imported'>,
): Hashing {
  const { database, clock, log, ...limits } = options
  const gate = createHashGate(limits)
  const floor = createFailureFloor({ database, imported: createImportedVerifier(gate), clock, log })
  return { hasher: withImported(createPasswordHasher({ ...limits, gate }), floor.verifier), floor }
}
