import { hash as bcryptHash } from '@node-rs/bcrypt'
import { listImportedKinds } from '@portcullis/db/queries/imported-hash'
import { withStore } from '@portcullis/db/transaction'
import { systemClock } from '@portcullis/runtime/clock'
import { createLogger } from '@portcullis/runtime/log'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFailureFloor, type FailureFloor } from './failure-floor.ts'
import { createHashGate } from './hash-gate.ts'
import { createPasswordHasher } from './hash.ts'
import { createImportedVerifier, type ImportedVerifier } from './imported.ts'
import { withImported } from './with-imported.ts'

const store = useDatabase()
beforeEach(() => store.database.sql`truncate accounts cascade`)

const zeros = (bytes: number) => Buffer.alloc(bytes).toString('base64').replaceAll('=', '')
const pbkdf2 = (rounds: number) => `$pbkdf2-sha256$i=${rounds}$${zeros(16)}$${zeros(32)}`
const own = `$argon2id$v=19$m=64,t=1,p=1$${zeros(16)}$${zeros(32)}`
const gate = createHashGate({ atOnceMost: 2, queueMost: 100 })

describe('while imported hashes are there', () => {
  it('a refusal waits for the floor, whatever it took; without them it does not', async () => {
    const floor = makeFloor()
    await floor.refresh()
    expect(await heldFor(floor)).toBeLessThan(20)
    await makeAccount(store.database, { passwordHash: pbkdf2(400_000) })
    await floor.refresh()
    const slowestMs = await timeOf(() => floor.verifier.verifyImported('Cafe\u0301', pbkdf2(400_000)))
    const [atOnce, later] = [await heldFor(floor), await heldFor(floor, slowestMs / 2)]
    expect(Math.min(atOnce, later)).toBeGreaterThan(slowestMs)
    // Answered at the same moment, though one was ready much later than the other.
    expect(Math.abs(atOnce - later)).toBeLessThan(slowestMs / 4)
    await store.database.sql`update accounts set password_hash = ${own}`
    await floor.refresh()
    expect(await heldFor(floor)).toBeLessThan(20)
  })

  it('a refusal that took longer than the floor waits for a whole multiple of it', async () => {
    const floor = makeFloor()
    await makeAccount(store.database, { passwordHash: pbkdf2(100_000) })
    await floor.refresh()
    const floorMs = await heldFor(floor)
    const heldMs = await heldFor(floor, floorMs * 1.3)
    expect(Math.abs(heldMs - 2 * floorMs)).toBeLessThan(floorMs / 3)
  })

  it('a kind that nobody looked for yet counts from its first verification on', async () => {
    const floor = makeFloor()
    await floor.refresh()
    const tookMs = await timeOf(() => floor.verifier.verifyImported('wrong', pbkdf2(300_000)))
    expect(await heldFor(floor)).toBeGreaterThan(tookMs)
  })

  it('the event loop is free meanwhile', async () => {
    const floor = makeFloor()
    await makeAccount(store.database, { passwordHash: pbkdf2(400_000) })
    await floor.refresh()
    let turns = 0
    const counting = setInterval(() => (turns += 1), 1)
    const heldMs = await heldFor(floor)
    clearInterval(counting)
    expect(turns).toBeGreaterThan(heldMs / 10)
  })
})

it('the kinds are told by scheme and cost, each once, and hashes of ours are none', async () => {
  const hashes = [await bcryptHash('a', 4), await bcryptHash('b', 4), await bcryptHash('c', 5), pbkdf2(1000), own]
  hashes.push(`$scrypt$ln=4,r=8,p=1$${zeros(16)}$${zeros(32)}`)
  for (const passwordHash of hashes) await makeAccount(store.database, { passwordHash })
  await makeAccount(store.database)
  expect((await kinds()).sort()).toEqual(['$2b$04', '$2b$05', '$pbkdf2-sha256$i=1000', '$scrypt$ln=4,r=8,p=1'])
})

it('every kind can be measured: its like is read and computed', async () => {
  for (const phc of [await bcryptHash('a', 10), pbkdf2(200_000), `$scrypt$ln=14,r=8,p=1$${zeros(16)}$${zeros(32)}`]) {
    await store.database.sql`truncate accounts cascade`
    await makeAccount(store.database, { passwordHash: phc })
    const floor = makeFloor()
    await floor.refresh()
    expect(await heldFor(floor)).toBeGreaterThan(await timeOf(() => floor.verifier.verifyImported('wrong', phc)))
  }
})

it('a store that is away, or a hash that cannot be read, breaks no login', async () => {
  await makeAccount(store.database, { passwordHash: '$2b$99$broken' })
  const floor = makeFloor()
  await floor.refresh()
  expect(await heldFor(floor)).toBeLessThan(20)
  const away = store.connect('away')
  await away.close()
  const lost = createFailureFloor({ ...deps(), database: away })
  await lost.refresh()
  await lost.begin()()
})

it('a broken hash costs as much as none: an answer at once would tell that the account is there', async () => {
  const hasher = createPasswordHasher({ atOnceMost: 1, queueMost: 1 })
  let computed = 0
  const counting = { ...hasher, verifyNothing: (password: string) => (computed++, hasher.verifyNothing(password)) }
  const both = withImported(counting, createImportedVerifier(gate))
  expect(await both.verify('x', '$2b$99$broken')).toBe(false)
  expect(computed).toBe(1)
})

function deps() {
  const imported: ImportedVerifier = createImportedVerifier(gate)
  return {
    database: store.database,
    imported,
    clock: systemClock,
    log: createLogger({ service: 'test', level: 'silent' }),
  }
}

function makeFloor(): FailureFloor {
  return createFailureFloor(deps())
}

/** How long a refusal takes in all that was ready after `readyMs`. */
function heldFor(floor: FailureFloor, readyMs = 0): Promise<number> {
  return timeOf(async () => {
    const untilFloor = floor.begin()
    if (readyMs > 0) await new Promise((resolve) => setTimeout(resolve, readyMs))
    await untilFloor()
  })
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const beganMs = performance.now()
  await work()
  return performance.now() - beganMs
}

function kinds(): Promise<string[]> {
  return withStore(store.database, (queries) => listImportedKinds(queries))
}
