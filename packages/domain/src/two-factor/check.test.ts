import type { Id } from '@portcullis/contracts/ids'
import { inTransaction } from '@portcullis/db/transaction'
import { createSealer } from '@portcullis/runtime/seal'
import { authenticatorCode } from '@portcullis/testkit/authenticator'
import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { createPasswordHasher } from '../password/hash.ts'
import { hashBackupCodes } from './backup-code-set.ts'
import { checkSecondFactor, type CodeCheck, type SecondFactorDeps } from './check.ts'
import { encodeBase32 } from './base32.ts'
import { sealSecret } from './secret.ts'

const store = useDatabase()
const clock = createFakeClock()
const secret = new Uint8Array(20).fill(5)

/**
 * The counter of attempts admits five codes at a time, so behind it this is seldom asked: here fifty requests have passed
 * it already, each with a code that was found to fit, and only the store is left to tell them apart.
 */
it.each(['totp', 'backup_code'] as const)(
  'a code that fits for fifty at once is used up by exactly one of them (%s): twenty times',
  async (factor) => {
    const deps = {
      database: store.database,
      hasher: createPasswordHasher({ memoryKib: 64, passes: 1, atOnceMost: 2, queueMost: 100 }),
      sealer: createSealer({ keys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }] }),
      clock,
    }
    for (let round = 0; round < 20; round += 1) {
      const { accountId, backupCode } = await enrol(deps)
      const code = factor === 'totp' ? authenticatorCode(encodeBase32(secret), clock.now()) : backupCode
      const checks: CodeCheck[] = []
      for (let count = 0; count < 50; count += 1) {
        await store.database.sql`delete from throttles`
        checks.push(await checkSecondFactor(deps, accountId, code))
      }
      const used = await Promise.all(
        checks.map((check) =>
          inTransaction(
            store.database,
            async (tx) => check.kind === 'fits' && check.factor === factor && check.useUp(tx),
          ),
        ),
      )
      expect(checks.every(({ kind }) => kind === 'fits')).toBe(true)
      expect(used.filter(Boolean)).toHaveLength(1)
    }
  },
  60_000,
)

async function enrol(deps: SecondFactorDeps): Promise<{ accountId: Id<'account'>; backupCode: string }> {
  const { id: accountId } = await makeAccount(store.database)
  const sealed = sealSecret(deps.sealer, accountId, secret)
  await store.database.sql`
    insert into totp_factors (account_id, secret_sealed, confirmed_at) values (${accountId}, ${sealed}, now())`
  const { codes, hashes } = await hashBackupCodes(deps.hasher)
  await store.database.sql`
    insert into backup_codes (account_id, index, code_hash)
    select ${accountId}, place - 1, hash from unnest(${[...hashes]}::text[]) with ordinality as code (hash, place)`
  return { accountId, backupCode: codes[3] ?? '' }
}
