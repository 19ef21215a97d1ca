import { pbkdf2Sync, scryptSync } from 'node:crypto'
import { hash as bcryptHash, verify as bcryptVerify } from '@node-rs/bcrypt'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHashGate, type HashGate } from './hash-gate.ts'
import { createImportedVerifier } from './imported.ts'

const { verifyImported } = createImportedVerifier(createHashGate({ atOnceMost: 2, queueMost: 1000 }))
const wrong = { ok: false, why: 'wrong' }
const right = { ok: true }

const base64 = (bytes: string | Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '')
const fromHex = (hex: string) => Buffer.from(hex, 'hex')

function scryptPhc(logCost: number, r: number, p: number, salt: string, tag: Uint8Array) {
  return `$scrypt$ln=${logCost},r=${r},p=${p}$${base64(salt)}$${base64(tag)}`
}

function pbkdf2Phc(digest: string, iterations: number, salt: string | Uint8Array, tag: Uint8Array) {
  return `$pbkdf2-${digest}$i=${iterations}$${base64(salt)}$${base64(tag)}`
}

describe('known answers of bcrypt (crypt_blowfish, jBCrypt)', () => {
  test.each([
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
    ['a', '$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe'],
    ['abc', '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i'],
    ['~!@#$%^&*()      ~!@#$%^&*()PNBFRD', '$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO'],
  ])('%j', async (password, phc) => {
    for (const name of ['$2a$', '$2b$', '$2y$']) {
      expect(await verifyImported(password, name + phc.slice(4))).toEqual(right)
    }
    expect(await verifyImported(`${password}x`, phc)).toEqual(wrong)
  })

  test('72 bytes count and open; what is longer is refused with its reason, though bcrypt itself would take it', async () => {
    const alphabet = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
    const exact = `0123456789${alphabet}0123456789`
    const phc = '$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui'
    expect(exact).toHaveLength(72)
    expect(await verifyImported(exact, phc)).toEqual(right)
    expect(await verifyImported(exact.slice(0, 71), phc)).toEqual(wrong)
    expect(await verifyImported(`${exact}chars after 72 are ignored`, phc)).toEqual({ ok: false, why: 'too_long' })
    expect(await verifyImported('\u00e9'.repeat(37), phc)).toEqual({ ok: false, why: 'too_long' })
  })

  test('a password repeated after a NUL opens nothing, though to bcrypt it is the same', async () => {
    const phc = await bcryptHash('abc', 4)
    expect(await verifyImported('abc', phc)).toEqual(right)
    expect(await bcryptVerify('abc\0abc', phc)).toBe(true)
    expect(await verifyImported('abc\0abc', phc)).toEqual(wrong)
    expect(await verifyImported('abc\0', phc)).toEqual(wrong)
  })
})

describe('known answers of scrypt (RFC 7914 12)', () => {
  test.each([
    [
      'password',
      scryptPhc(
        10,
        8,
        16,
        'NaCl',
        fromHex(
          'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
            '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
        ),
      ),
    ],
    [
      'pleaseletmein',
      scryptPhc(
        14,
        8,
        1,
        'SodiumChloride',
        fromHex(
          '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
            'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
        ),
      ),
    ],
  ])('%s', async (password, phc) => {
    expect(await verifyImported(password, phc)).toEqual(right)
    expect(await verifyImported(password.toUpperCase(), phc)).toEqual(wrong)
    expect(await verifyImported('', phc)).toEqual(wrong)
  })
})

describe('known answers of PBKDF2 (RFC 7914 11, and those of RFC 6070 with SHA-256 and SHA-512)', () => {
  test.each([
    [
      'passwd',
      'sha256',
      1,
      'salt',
      '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc' +
        '49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
    ],
    [
      'Password',
      'sha256',
      80_000,
      'NaCl',
      '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56' +
        'a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
    ],
    ['password', 'sha256', 1, 'salt', '120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b'],
    ['password', 'sha256', 2, 'salt', 'ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43'],
    ['password', 'sha256', 4096, 'salt', 'c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a'],
    [
      'passwordPASSWORDpassword',
      'sha256',
      4096,
      'saltSALTsaltSALTsaltSALTsaltSALTsalt',
      '348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9',
    ],
    ['pass\0word', 'sha256', 4096, 'sa\0lt', '89b69d0516f829893c696226650a8687'],
    [
      'password',
      'sha512',
      1,
      'salt',
      '867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252' +
        'c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce',
    ],
    [
      'password',
      'sha512',
      4096,
      'salt',
      'd197b1b33db0143e018b12f3d1d1479e6cdebdcc97c5c0f87f6902e072f457b5' +
        '143f30602641b3d55cd335988cb36b84376060ecd532e039b742a239434af2d5',
    ],
  ])('%j, %s, %d rounds', async (password, digest, iterations, salt, tag) => {
    const phc = pbkdf2Phc(digest, iterations, salt, fromHex(tag))
    expect(await verifyImported(password, phc)).toEqual(right)
    expect(await verifyImported(password.slice(0, -1), phc)).toEqual(wrong)
    expect(await verifyImported(password, pbkdf2Phc(digest, iterations + 1, salt, fromHex(tag)))).toEqual(wrong)
  })
})

describe('a password', () => {
  const nfc = 'p\u00e4ssw\u00f6rd'
  const nfd = nfc.normalize('NFD')
  const made = async (password: string) => [
    await bcryptHash(password, 4),
    scryptPhc(4, 1, 1, 'salt', scryptSync(password, 'salt', 32, { N: 16, r: 1, p: 1 })),
    pbkdf2Phc('sha512', 3, 'salt', pbkdf2Sync(password, 'salt', 3, 32, 'sha512')),
  ]

  test('with a NUL behind opens nothing, though to HMAC it is the same', async () => {
    for (const phc of await made('abc')) expect(await verifyImported('abc\0', phc)).toEqual(wrong)
    expect(pbkdf2Sync('abc\0', 'salt', 3, 32, 'sha512')).toEqual(pbkdf2Sync('abc', 'salt', 3, 32, 'sha512'))
  })

  test('opens in NFC a hash of NFC, however it is typed, and as it came a hash of that', async () => {
    for (const phc of await made(nfc)) {
      expect(await verifyImported(nfc, phc)).toEqual(right)
      expect(await verifyImported(nfd, phc)).toEqual(right)
    }
    for (const phc of await made(nfd)) expect(await verifyImported(nfd, phc)).toEqual(right)
  })

  test('is neither trimmed nor folded, and half a character is not U+FFFD', async () => {
    for (const phc of await made('Abc\ufffd')) {
      expect(await verifyImported('Abc\ufffd', phc)).toEqual(right)
      for (const typed of ['abc\ufffd', 'Abc\ufffd ', ' Abc\ufffd', 'Abc\ud800', '']) {
        expect(await verifyImported(typed, phc)).toEqual(wrong)
      }
    }
  })

  test('is the only one that opens its hash', async () => {
    const password = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.normalize('NFC'))
    await fc.assert(
      fc.asyncProperty(password, password, fc.uint8Array({ minLength: 4, maxLength: 64 }), async (one, other, salt) => {
        const tag = pbkdf2Sync(one, salt, 2, 64, 'sha256')
        expect(await verifyImported(one, pbkdf2Phc('sha256', 2, salt, tag))).toEqual(one.endsWith('\0') ? wrong : right)
        for (const typed of [other, `${one}\0`, `${one} `].filter((text) => text !== one)) {
          expect(await verifyImported(typed, pbkdf2Phc('sha256', 2, salt, tag))).toEqual(wrong)
        }
      }),
    )
  })
})

test.each([
  ['bcrypt of two days', '$2b$31$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
  ['scrypt of 1 GiB', scryptPhc(20, 8, 1, 'SodiumChloride', Buffer.alloc(64))],
  ['PBKDF2 of four thousand million rounds', pbkdf2Phc('sha256', 4_294_967_295, 'salt', Buffer.alloc(32))],
  ['a broken hash', '$2b$10$broken'],
  ['a hash of another scheme', '$1$salt$hash'],
])('%s is not computed at all', async (_name, phc) => {
  // A gate that lets nothing in: whoever comes to it is refused.
  const closed: HashGate = { run: () => Promise.reject(new Error('it was computed')) }
  expect(await createImportedVerifier(closed).verifyImported('x', phc)).toEqual({ ok: false, why: 'unusable' })
})

describe('work is bounded', () => {
  const light = pbkdf2Phc('sha256', 1000, 'salt', Buffer.alloc(32))
  // 36 MiB each.
  const heavy = scryptPhc(15, 9, 1, 'salt', Buffer.alloc(32))

  test('a flood beyond the queue of the gate is refused, and the rest is served', async () => {
    const small = createImportedVerifier(createHashGate({ atOnceMost: 1, queueMost: 2 }))
    for (const phc of [light, await bcryptHash('y', 4)]) {
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => small.verifyImported('x', phc)))
      const served = results.filter((result) => result.status === 'fulfilled').map((result) => result.value)
      expect(served).toEqual([wrong, wrong, wrong])
      for (const result of results.slice(3)) expect(result).toMatchObject({ reason: { code: 'rate_limited' } })
    }
    expect(await small.verifyImported('x', light)).toEqual(wrong)
  })

  test('hashes that take much memory run one at a time and keep nobody else waiting', async () => {
    let running = 0
    let most = 0
    const open: HashGate = {
      async run(work) {
        running += 1
        most = Math.max(most, running)
        return work().finally(() => (running -= 1))
      },
    }
    const verifier = createImportedVerifier(open)
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => verifier.verifyImported('x', heavy)))
    expect(most).toBe(1)
    expect(results.map((result) => result.status)).toEqual([
      ...Array(9).fill('fulfilled'),
      ...Array(3).fill('rejected'),
    ])
    expect(results[11]).toMatchObject({ reason: { code: 'rate_limited', retryAfterSeconds: 1 } })
    await Promise.all(Array.from({ length: 4 }, () => verifier.verifyImported('x', light)))
    expect(most).toBe(4)
  })

  test('no scheme holds up the event loop', async () => {
    const slow = pbkdf2Phc('sha256', 200_000, 'salt', Buffer.alloc(32))
    for (const phc of [slow, heavy, await bcryptHash('y', 8)]) {
      await verifyImported('x', phc)
      let turned = false
      setTimeout(() => (turned = true), 0)
      await verifyImported('x', phc)
      expect(turned).toBe(true)
    }
  })
})
