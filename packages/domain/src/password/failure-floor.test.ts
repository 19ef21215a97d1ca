import { hash as bcryptHash } from '@node-rs/bcrypt'
import { listImportedKinds } from '@portcullis/db/queries/imported-hash'
import { withStore } from '@portcullis/db/transaction'
import { systemClock } from '@portcullis/runtime/clock'
import { createLogger } from '@portcullis/runtime/log'
import { createFakeClock } from '@portcullis/testkit/clock'
import { useDatabase } from '@portcullis/testkit/database'
import { makeAccount } from '@portcullis/testkit/factory'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFailureFloor, type FailureFloor, type FailureFloorDeps } from './failure-floor.ts'
import { createHashGate } from './hash-gate.ts'
import { createPasswordHasher } from './hash.ts'
import { createImportedVerifier, type ImportedVerdict, type ImportedVerifier } from './imported.ts'
import { withImported } from './with-imported.ts'

const store = useDatabase()
beforeEach(() => store.database.sql`truncate accounts cascade`)

const zeros = (bytes: number) => Buffer.alloc(bytes).toString('base64').replaceAll('=', '')
const pbkdf2 = (rounds: number) => `$pbkdf2-sha256$i=${rounds}$${zeros(16)}$${zeros(32)}`
const own = `$argon2id$v=19$m=64,t=1,p=1$${zeros(16)}$${zeros(32)}`
const gate = createHashGate({ atOnceMost: 2, queueMost: 100 })
const real = createImportedVerifier(gate)
/** Room above the slowest, as the floor adds it. */
const floorAbove = (slowestMs: number) => slowestMs * 1.25 + 20

/** Time passes only as a test says: a verification takes what its kind is said to take, a wait what it waits. */
let clock = createFakeClock()
let costMs = 0
let computed: { password: string; phc: string; verdict: ImportedVerdict }[] = []
beforeEach(() => {
  clock = createFakeClock()
  costMs = 0
  computed = []
})

describe('while imported hashes are there', () => {
  it('a refusal waits for the floor, whatever it took; without them it does not', async () => {
    const floor = makeFloor()
    await floor.refresh()
    expect(await heldFor(floor)).toBe(0)
    await makeAccount(store.database, { passwordHash: pbkdf2(1000) })
    costMs = 400
    await floor.refresh()
    // Answered at the same moment, though one was ready much later than the other.
    expect([await heldFor(floor), await heldFor(floor, 200)]).toEqual([floorAbove(400), floorAbove(400)])
    await store.database.sql`update accounts set password_hash = ${own}`
    await floor.refresh()
    expect(await heldFor(floor)).toBe(0)
  })

  it('a refusal that took longer than the floor waits for a whole multiple of it', async () => {
    const floor = makeFloor()
    await makeAccount(store.database, { passwordHash: pbkdf2(1000) })
    costMs = 100
    await floor.refresh()
    expect(await heldFor(floor, floorAbove(100) * 1.3)).toBeCloseTo(2 * floorAbove(100))
  })

  it('a kind that nobody looked for yet counts from its first verification on', async () => {
    const floor = makeFloor()
    await floor.refresh()
    costMs = 300
    await floor.verifier.verifyImported('wrong', pbkdf2(1000))
    expect(await heldFor(floor)).toBe(floorAbove(300))
  })

  it('a machine that is busier than at the look raises the floor, and a flood not without end', async () => {
    const floor = makeFloor()
    await makeAccount(store.database, { passwordHash: pbkdf2(1000) })
    costMs = 100
    await floor.refresh()
    costMs = 250
    await floor.verifier.verifyImported('wrong', pbkdf2(1000))
    expect(await heldFor(floor)).toBe(floorAbove(250))
    costMs = 60_000
    await floor.verifier.verifyImported('wrong', pbkdf2(1000))
    expect(await heldFor(floor)).toBe(floorAbove(3000))
  })

  it('the event loop is free meanwhile', async () => {
    const floor = createFailureFloor({ database: store.database, imported: real, clock: systemClock, log })
    await makeAccount(store.database, { passwordHash: pbkdf2(1000) })
    await floor.refresh()
    const order: string[] = []
    setImmediate(() => order.push('another call'))
    await floor.begin()()
    expect([...order, 'the refusal']).toEqual(['another call', 'the refusal'])
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
  const hashes = [await bcryptHash('a', 4), pbkdf2(1000), `$scrypt$ln=4,r=8,p=1$${zeros(16)}$${zeros(32)}`]
  for (const passwordHash of hashes) await makeAccount(store.database, { passwordHash })
  costMs = 10
  const floor = makeFloor()
  await floor.refresh()
  expect(await heldFor(floor)).toBe(floorAbove(10))
  for (const kind of await kinds()) {
    const likes = computed.filter(({ phc }) => phc.startsWith(kind))
    expect(likes.map(({ verdict }) => verdict)).toEqual([wrong, wrong])
  }
  expect(computed).toHaveLength(2 * hashes.length)
  // By a password that is written in two ways, and so is computed twice: no login takes longer.
  for (const { password } of computed) expect(password.normalize('NFC')).not.toBe(password)
})

it('a store that is away, or a hash that cannot be read, breaks no login', async () => {
  await makeAccount(store.database, { passwordHash: '$2b$99$broken' })
  const floor = makeFloor()
  await floor.refresh()
  expect(await heldFor(floor)).toBe(0)
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

const wrong = { ok: false, why: 'wrong' }
const log = createLogger({ service: 'test', level: 'silent' })

function deps(): FailureFloorDeps {
  const imported: ImportedVerifier = {
    async verifyImported(password, phc) {
      const verdict = await real.verifyImported(password, phc)
      clock.forward(costMs)
      computed.push({ password, phc, verdict })
      return verdict
    },
  }
  return { database: store.database, imported, clock, log, wait: async (ms) => clock.forward(ms) }
}

function makeFloor(): FailureFloor {
  return createFailureFloor(deps())
}

/** How long a refusal takes in all that was ready after `readyMs`. */
async function heldFor(floor: FailureFloor, readyMs = 0): Promise<number> {
  const beganMs = clock.monotonicMs()
  const untilFloor = floor.begin()
  clock.forward(readyMs)
  await untilFloor()
  return clock.monotonicMs() - beganMs
}

function kinds(): Promise<string[]> {
  return withStore(store.database, (queries) => listImportedKinds(queries))
}
