import { countOutdatedSecrets, sealedColumns } from '@portcullis/db/queries/sealed-secret'
import { inTransaction } from '@portcullis/db/transaction'
import { encodeBase32 } from '@portcullis/domain/two-factor/base32'
import { resealSecrets } from '@portcullis/domain/secret/reseal'
import { createFactorSealer, sealSecret } from '@portcullis/domain/two-factor/secret'
import { parseMasterKey } from '@portcullis/runtime/master-key'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import { authenticatorCode } from '@portcullis/testkit/authenticator'
import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { makeChallenges } from './testing/make-owner.ts'
import { openGateway } from './testing/open-gateway.ts'

const store = useDatabase()
const clock = createFakeClock()
const master = () => parseMasterKey(Buffer.from(randomBytesOf(32)).toString('base64url'))
const [first, second] = [master(), master()]
const before = createFactorSealer({ MASTER_KEY: first, MASTER_KEYS_OLD: [] })
const ready = createFactorSealer({ MASTER_KEY: first, MASTER_KEYS_OLD: [second] })
const during = createFactorSealer({ MASTER_KEY: second, MASTER_KEYS_OLD: [first] })
const after = createFactorSealer({ MASTER_KEY: second, MASTER_KEYS_OLD: [] })

/** Owners with a factor each; every login takes the next one. */
const owners = 60

it('logins with codes go on while keys are rotated, on old and new nodes alike, and when the old key is gone', async () => {
  const made = await Promise.all(Array.from({ length: owners }, () => makeFactor()))
  const [old, fresh] = await Promise.all([
    openGateway(store.database, { clock, sealer: ready }),
    openGateway(store.database, { clock, sealer: during }),
  ])
  const logins = async (urls: readonly string[]) => {
    const tried = made.map((owner, place) => logIn(urls[place % urls.length] ?? '', owner))
    expect(new Set(await Promise.all(tried))).toEqual(new Set([201]))
    clock.forward(30_000)
  }
  await logins([old.url, fresh.url])
  const walking = walk()
  for (let round = 0; round < 3; round += 1) await logins([old.url, fresh.url])
  expect(await walking).toBe(owners)
  expect(
    await inTransaction(store.database, (tx) => countOutdatedSecrets(tx, sealedColumns[0], after.newestPrefix)),
  ).toBe(0)
  await Promise.all([old.close(), fresh.close()])
  const last = await openGateway(store.database, { clock, sealer: after })
  await logins([last.url])
  await last.close()
}, 60_000)

it('a factor whose secret no key opens is never taken for none: its codes are a fault, and are told in the log', async () => {
  const owner = await makeFactor()
  const gateway = await openGateway(store.database, { clock, sealer: after })
  expect(await logIn(gateway.url, owner)).toBe(500)
  expect(gateway.logged.join('')).toContain('a sealed value cannot be opened')
  const [row] = await store.database.sql`
    select confirmed_at is not null as active from totp_factors where account_id = ${owner.id}`
  expect(row).toEqual({ active: true })
  await gateway.close()
})

/** As the sweeper does, in chunks so small that logins come between; returns how many were sealed anew. */
async function walk(): Promise<number> {
  const jobId = newId('job')
  let resealed = 0
  let left = 1
  while (left > 0) {
    for (let from: string | undefined; ;) {
      const at = from
      const chunk = await inTransaction(store.database, (tx) =>
        resealSecrets(tx, during, { jobId, at: sealedColumns[0], after: at, most: 3 }),
      )
      resealed += chunk.resealed
      from = chunk.after
      if (from === undefined) break
    }
    left = await inTransaction(store.database, (tx) => countOutdatedSecrets(tx, sealedColumns[0], during.newestPrefix))
  }
  return resealed
}

async function makeFactor() {
  const { id } = await makeAccount(store.database)
  const secret = randomBytesOf(20)
  await store.database.sql`
    insert into totp_factors (account_id, secret_sealed, confirmed_at)
    values (${id}, ${sealSecret(before, id, secret)}, now())`
  const challenges = await makeChallenges(store.database, id, 6)
  return { id, secret: encodeBase32(secret), challenges }
}

async function logIn(url: string, owner: Awaited<ReturnType<typeof makeFactor>>): Promise<number> {
  const answer = await fetch(`${url}/v1/sessions/two-factor`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      challenge: owner.challenges.pop(),
      code: authenticatorCode(owner.secret, clock.now()),
    }),
  })
  await answer.body?.cancel()
  return answer.status
}
