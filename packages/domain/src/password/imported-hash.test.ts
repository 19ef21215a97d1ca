import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ImportedHash, isImported, readImportedHash } from './imported-hash.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '')
const salt = text(Buffer.alloc(16, 1))
const tag = text(Buffer.alloc(32, 2))
const bcrypt = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'
const scrypt = (cost: string) => `$scrypt$${cost}$${salt}$${tag}`
const pbkdf2 = (cost: string, digest = 'sha256') => `$pbkdf2-${digest}$${cost}$${salt}$${tag}`
const verdict = (phc: string) => {
  const read = readImportedHash(phc)
  return read.ok ? 'read' : read.why
}

describe('what is read', () => {
  test.each([
    bcrypt,
    bcrypt.replace('2b', '2a'),
    bcrypt.replace('2b', '2y'),
    bcrypt.replace('10', '04'),
    bcrypt.replace('10', '14'),
    scrypt('ln=1,r=1,p=1'),
    scrypt('ln=14,r=8,p=5'),
    scrypt('ln=16,r=8,p=2'),
    scrypt('ln=17,r=8,p=1'),
    scrypt('ln=15,r=32,p=1'),
    scrypt('ln=10,r=8,p=16'),
    pbkdf2('i=1'),
    pbkdf2('i=2000000'),
    pbkdf2('i=600000,l=32'),
    pbkdf2('i=210000', 'sha512'),
  ])('%s', (phc) => {
    expect(verdict(phc)).toBe('read')
    expect(isImported(phc)).toBe(true)
  })

  test('is read as it is written', () => {
    expect(readImportedHash(scrypt('ln=17,r=8,p=1'))).toEqual({
      ok: true,
      hash: {
        scheme: 'scrypt',
        cost: 131_072,
        blockSize: 8,
        lanes: 1,
        salt: Buffer.alloc(16, 1),
        tag: Buffer.alloc(32, 2),
      },
    })
    expect(readImportedHash(pbkdf2('i=600000', 'sha512'))).toEqual({
      ok: true,
      hash: {
        scheme: 'pbkdf2',
        digest: 'sha512',
        iterations: 600_000,
        salt: Buffer.alloc(16, 1),
        tag: Buffer.alloc(32, 2),
      },
    })
  })
})

test.each([
  ['bcrypt of cost 15', bcrypt.replace('10', '15')],
  ['bcrypt of cost 31', bcrypt.replace('10', '31')],
  ['scrypt of 256 MiB', scrypt('ln=18,r=8,p=1')],
  ["RFC 7914's last example, 1 GiB", scrypt('ln=20,r=8,p=1')],
  ['scrypt of twice the work', scrypt('ln=17,r=8,p=2')],
  ['scrypt of the largest N', scrypt('ln=99,r=1,p=1')],
  ['scrypt of a large r', scrypt('ln=1,r=33,p=1')],
  ['scrypt of a huge r', scrypt('ln=1,r=4294967295,p=1')],
  ['scrypt of many lanes', scrypt('ln=1,r=1,p=17')],
  ['scrypt of a product beyond 2^53', scrypt('ln=63,r=9999999999,p=9999999999')],
  ['PBKDF2 of a round too many', pbkdf2('i=2000001')],
  ['PBKDF2 of the largest count', pbkdf2('i=4294967295')],
  ['PBKDF2 that has to run twice for its tag', `$pbkdf2-sha256$i=1000001$${salt}$${text(Buffer.alloc(33))}`],
])('%s is too costly', (_name, phc) => {
  expect(verdict(phc)).toBe('too_costly')
})

test.each([
  ['bcrypt of cost 3', bcrypt.replace('10', '03')],
  ['bcrypt of cost 32', bcrypt.replace('10', '32')],
  ['bcrypt of cost +4', bcrypt.replace('10', '+4')],
  ['bcrypt of one digit', bcrypt.replace('10', '9')],
  ['bcrypt cut', bcrypt.slice(0, -1)],
  ['bcrypt with one more', `${bcrypt}a`],
  ['bcrypt with a line feed', `${bcrypt}\n`],
  ['bcrypt with a foreign character', `${bcrypt.slice(0, -1)}=`],
  ['scrypt without p', scrypt('ln=14,r=8')],
  ['scrypt in another order', scrypt('r=8,ln=14,p=1')],
  ['scrypt with N itself', scrypt('n=16384,r=8,p=1')],
  ['scrypt of N = 1', scrypt('ln=0,r=8,p=1')],
  ['scrypt of no lane', scrypt('ln=14,r=8,p=0')],
  ['scrypt of r = 0', scrypt('ln=14,r=0,p=1')],
  ['scrypt with a leading zero', scrypt('ln=014,r=8,p=1')],
  ['scrypt with a sign', scrypt('ln=-1,r=8,p=1')],
  ['scrypt with an exponent', scrypt('ln=1e1,r=8,p=1')],
  ['scrypt without a salt', `$scrypt$ln=4,r=1,p=1$$${tag}`],
  ['scrypt without a tag', `$scrypt$ln=4,r=1,p=1$${salt}$`],
  ['scrypt with more behind', `${scrypt('ln=4,r=1,p=1')}$x`],
  ['PBKDF2 of no round', pbkdf2('i=0')],
  ['PBKDF2 without its name for rounds', pbkdf2('600000')],
  ['PBKDF2 with another length than it has', pbkdf2('i=1,l=31')],
  ['a salt of three bytes', `$pbkdf2-sha256$i=1$${text(Buffer.alloc(3))}$${tag}`],
  ['a salt of 65 bytes', `$pbkdf2-sha256$i=1$${text(Buffer.alloc(65))}$${tag}`],
  ['a tag of 15 bytes', `$pbkdf2-sha256$i=1$${salt}$${text(Buffer.alloc(15))}`],
  ['a tag of 65 bytes', `$pbkdf2-sha512$i=1$${salt}$${text(Buffer.alloc(65))}`],
  ['padding', `$pbkdf2-sha256$i=1$${salt}==$${tag}`],
  ['base64url', `$pbkdf2-sha256$i=1$${salt.slice(0, -2)}_w$${tag}`],
  ['bits left over', `$pbkdf2-sha256$i=1$${salt.slice(0, -1)}R$${tag}`],
  ['a megabyte', `$pbkdf2-sha256$i=1$${'A'.repeat(1_000_000)}$${tag}`],
])('%s is malformed', (_name, phc) => {
  expect(verdict(phc)).toBe('malformed')
})

test.each([
  '',
  '$',
  bcrypt.replace('2b', '2x'),
  bcrypt.replace('2b', '2'),
  `x${bcrypt}`,
  '$1$abc$def',
  '$6$salt$hash',
  pbkdf2('i=1', 'sha1'),
  'pbkdf2_sha256$600000$salt$hash',
  '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
])('%j is none of the schemes', (phc) => {
  expect(verdict(phc)).toBe('unknown')
  expect(isImported(phc)).toBe(false)
})

function withinBounds(hash: ImportedHash): boolean {
  if (hash.scheme === 'bcrypt') return Number(hash.text.slice(4, 6)) <= 14
  const { salt, tag } = hash
  if (salt.length < 4 || salt.length > 64 || tag.length < 16 || tag.length > 64) return false
  if (hash.scheme === 'pbkdf2')
    return hash.iterations * Math.ceil(tag.length / (hash.digest === 'sha256' ? 32 : 64)) <= 2e6
  return hash.cost * hash.blockSize * hash.lanes <= 2 ** 20 && 128 * hash.cost * hash.blockSize <= 2 ** 27
}

test('whatever is read is within its bounds, and no refusal repeats the hash', () => {
  const number = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.nat())
  const bytes = fc.uint8Array({ maxLength: 70 }).map(text)
  const phc = fc.oneof(
    fc
      .tuple(number, number, number, bytes, bytes)
      .map(([ln, r, p, salt, tag]) => `$scrypt$ln=${ln},r=${r},p=${p}$${salt}$${tag}`),
    fc
      .tuple(fc.constantFrom('sha256', 'sha512'), fc.nat(4_000_000), bytes, bytes)
      .map(([digest, rounds, salt, tag]) => `$pbkdf2-${digest}$i=${rounds}$${salt}$${tag}`),
    fc.tuple(fc.nat(40), fc.string({ maxLength: 60 })).map(([cost, rest]) => `$2b$${cost}$${rest}`),
    fc.string().map((rest) => `$scrypt$${rest}`),
  )
  fc.assert(
    fc.property(phc, (one) => {
      const read = readImportedHash(one)
      expect(read.ok ? withinBounds(read.hash) : ['malformed', 'too_costly'].includes(read.why)).toBe(true)
      expect(JSON.stringify(read.ok ? '' : read).includes(one.slice(-20)) && one.length > 60).toBe(false)
    }),
    { numRuns: 1000 },
  )
})
