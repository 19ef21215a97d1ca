import type { PasswordHasher } from './hash.ts'
import type { ImportedVerifier } from './imported.ts'
import { isImported } from './imported-hash.ts'

/**
 * A hasher that also opens hashes which another system made. `needsRehash` is true for each of them, so the first good
 * login replaces it by one of ours.
 */
export function withImported(hasher: PasswordHasher, imported: ImportedVerifier): PasswordHasher {
  return {
    ...hasher,
    async verify(password, phc) {
      if (!isImported(phc)) return hasher.verify(password, phc)
      const verdict = await imported.verifyImported(password, phc)
      // Nothing was computed: an answer at once would tell that this account is there.
      return !verdict.ok && verdict.why === 'unusable' ? hasher.verifyNothing(password) : verdict.ok
    },
  }
}
