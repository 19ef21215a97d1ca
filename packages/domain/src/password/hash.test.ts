import { argon2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPasswordHasher } from './hash.ts'

const hasher = createPasswordHasher({ atOnceMost: 2, queueMost: 100 })
/** Cheap, for what does not depend on cost. */
const light = createPasswordHasher({ memoryKib: 64, passes: 1, atOnceMost: 2, queueMost: 100 })

const prefix = '$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$'
const nfc = 'p\u00e4ssw\u00f6rd'
const nfd = nfc.normalize('NFD')

describe('known answers', () => {
  // @node-rs/argon2 takes no associated data, so Node's own Argon2id is held to the RFC, and ours to Node's.
  test("Node's Argon2id gives the tag of RFC 9106 5.3", () => {
    const tag = argon2Sync('argon2id', {
      message: Buffer.alloc(32, 1),
      nonce: Buffer.alloc(16, 2),
      secret: Buffer.alloc(8, 3),
      associatedData: Buffer.alloc(12, 4),
      passes: 3,
      memory: 32,
      parallelism: 4,
      tagLength: 32,
    })
    expect(tag.toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659')
  })

  test('a hash made here has the tag that an Argon2id held to RFC 9106 gives', async () => {
    const phc = await createPasswordHasher({ memoryKib: 256, passes: 3, lanes: 2, atOnceMost: 1, queueMost: 0 }).hash(
      nfd,
    )
    const [, name, version, cost, salt = '', tag = ''] = phc.split('$')
    expect([name, version, cost]).toEqual(['argon2id', 'v=19', 'm=256,t=3,p=2'])
    expect(Buffer.from(salt, 'base64')).toHaveLength(16)
    const other = argon2Sync('argon2id', {
      message: Buffer.from(nfc),
      nonce: Buffer.from(salt, 'base64'),
      passes: 3,
      memory: 256,
      parallelism: 2,
      tagLength: 32,
    })
    expect(Buffer.from(tag, 'base64').equals(other)).toBe(true)
  })

  test.each([
    ['password', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'],
    ['correct horse battery staple', `${prefix}gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0`],
    [nfc, `${prefix}yxo0u725ht/u+ArqyyL37VGxPOyFMvsz2eBUq2J6aH8`],
    [nfd, `${prefix}yxo0u725ht/u+ArqyyL37VGxPOyFMvsz2eBUq2J6aH8`],
  ])('%j opens its published hash, and another password does not', async (password, phc) => {
    expect(await hasher.verify(password, phc)).toBe(true)
    expect(await hasher.verify(`${password} `, phc)).toBe(false)
    expect(await hasher.verify(password.toUpperCase(), phc)).toBe(false)
  })

  test('a decomposed spelling is never hashed as it came', async () => {
    expect(await hasher.verify(nfd, `${prefix}GCYHV+iO8n5IooxgF0KnmYWgEDqHfrn4VB4B2aCMTSo`)).toBe(false)
  })
})

describe('a password', () => {
  test('opens its own hash under the default cost, and no two hashes are alike', async () => {
    const [one, other] = await Promise.all([hasher.hash('Tulip-Orbit-77'), hasher.hash('Tulip-Orbit-77')])
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    expect(one).not.toBe(other)
    expect(await hasher.verify('Tulip-Orbit-77', one)).toBe(true)
    expect(await hasher.verify('Tulip-Orbit-7', one)).toBe(false)
  })

  test.each([
    ['may be typed in NFC or NFD', nfc, nfd, true],
    ['keeps a ligature apart from its letters', '\ufb01sh-Tank-77', 'fish-Tank-77', false],
    ['keeps its case, also of \u0130', '\u0130stanbul-77', 'i\u0307stanbul-77', false],
    ['counts beyond octet 72', `${'a'.repeat(72)}b`, `${'a'.repeat(72)}c`, false],
    ['of 73 octets is not the one of 72', 'a'.repeat(73), 'a'.repeat(72), false],
    ['counts at character 128', `${'\u{1f44d}'.repeat(127)}x`, `${'\u{1f44d}'.repeat(127)}y`, false],
    ['counts beyond NUL', 'abc\0def', 'abc\0deg', false],
    ['counts a space at its end', 'abc ', 'abc', false],
    ['is not opened by half a character', 'abc\ufffd', 'abc\ud800', false],
  ])('%s', async (_name, set, typed, opens) => {
    const phc = await light.hash(set)
    expect(await light.verify(set, phc)).toBe(true)
    expect(await light.verify(typed, phc)).toBe(opens)
  })

  test('that is not whole Unicode is never hashed', async () => {
    await expect(light.hash('canary\ud800')).rejects.toThrow(/^a password that is not whole Unicode/)
  })

  test.each([
    '',
    'x',
    '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
    '$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  ])('is not compared with %j, which is no Argon2id hash, and the error repeats nothing', async (phc) => {
    const error = await light.verify('canary', phc).catch((thrown: unknown) => thrown)
    expect(error).toEqual(new Error('a stored password hash is not an Argon2id PHC string'))
    expect(light.needsRehash(phc)).toBe(true)
  })
})

test('a hash is due for renewal once it was made with other parameters, a shorter salt or an older version', async () => {
  const phc = await light.hash('x')
  expect(light.needsRehash(phc)).toBe(false)
  expect(hasher.needsRehash(phc)).toBe(true)
  expect(hasher.needsRehash(`${prefix}gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0`)).toBe(false)
  expect(
    hasher.needsRehash('$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'),
  ).toBe(true)
  expect(hasher.needsRehash(`${prefix.replace('v=19', 'v=16')}gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0`)).toBe(true)
})

test('an unknown account costs what a known one costs', async () => {
  const phc = await hasher.hash('Tulip-Orbit-77')
  const known: number[] = []
  const unknown: number[] = []
  const timed = async (into: number[], work: () => Promise<boolean>) => {
    const startedAt = performance.now()
    expect(await work()).toBe(false)
    into.push(performance.now() - startedAt)
  }
  for (let round = 0; round < 9; round += 1) {
    await timed(known, () => hasher.verify('wrong', phc))
    await timed(unknown, () => hasher.verifyNothing('wrong'))
  }
  const median = (times: number[]) => times.toSorted((a, b) => a - b)[4] ?? Number.NaN
  expect(median(unknown) / median(known)).toBeGreaterThan(0.5)
  expect(median(unknown) / median(known)).toBeLessThan(2)
})

test('a flood is refused beyond the queue, for known and unknown accounts alike, and the rest is served', async () => {
  const small = createPasswordHasher({ memoryKib: 1024, passes: 1, atOnceMost: 1, queueMost: 2 })
  const phc = await small.hash('x')
  const calls: (() => Promise<unknown>)[] = [
    () => small.verify('x', phc),
    () => small.verifyNothing('x'),
    () => small.hash('x'),
  ]
  for (const call of calls) {
    const results = await Promise.allSettled(Array.from({ length: 20 }, call))
    expect(results.map((result) => result.status)).toEqual([
      ...Array(3).fill('fulfilled'),
      ...Array(17).fill('rejected'),
    ])
    for (const result of results.slice(3)) {
      expect(result).toMatchObject({ reason: { code: 'rate_limited', retryAfterSeconds: 1 } })
    }
  }
  expect(await small.verify('x', phc)).toBe(true)
})
