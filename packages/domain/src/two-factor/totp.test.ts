import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newTotpSecret, type TotpTrial, verifyTotp } from './totp.ts'

const seed = Buffer.from('12345678901234567890')
const at = (seconds: number) => new Date(seconds * 1000)
const only = { past: 0, future: 0 }

function judge(code: string, seconds: number, more: Partial<TotpTrial> = {}) {
  return verifyTotp({ secret: seed, code, now: at(seconds), lastStep: undefined, ...more })
}

/** RFC 4226 5.3, written down here a second time so that the code under test is not its own measure. */
function hotp(secret: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8)
  message.writeBigUInt64BE(BigInt(counter))
  const mac = createHmac('sha1', secret).update(message).digest()
  const offset = mac.readUInt8(19) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

describe('known answers', () => {
  test.each([
    [59, 0x1, '287082'],
    [1111111109, 0x23523ec, '081804'],
    [1111111111, 0x23523ed, '050471'],
    [1234567890, 0x273ef07, '005924'],
    [2000000000, 0x3f940aa, '279037'],
    [20000000000, 0x27bc86aa, '353130'],
  ])('RFC 6238 at %d: step %d has the code %s', (seconds, step, code) => {
    expect(judge(code, seconds, { window: only })).toEqual({ ok: true, step })
    expect(hotp(seed, step)).toBe(code)
  })

  test.each(
    ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'].map(
      (code, counter) => [counter, code] as const,
    ),
  )('RFC 4226, counter %d: %s', (counter, code) => {
    expect(judge(code, counter * 30 + 29, { window: only })).toEqual({ ok: true, step: counter })
    expect(judge(code, counter * 30 + 30, { window: only })).toEqual({ ok: false, why: 'wrong' })
  })
})

describe('the window', () => {
  const now = 1111111109
  const step = 0x23523ec

  test.each([-1, 0, 1])('a code %d steps away is accepted', (away) => {
    expect(judge(hotp(seed, step + away), now)).toEqual({ ok: true, step: step + away })
  })

  test.each([-3, -2, 2, 3])('a code %d steps away is refused', (away) => {
    expect(judge(hotp(seed, step + away), now)).toEqual({ ok: false, why: 'wrong' })
  })

  test('can be narrowed to the past and widened to two steps, no further', () => {
    const past = { past: 1, future: 0 }
    expect(judge(hotp(seed, step - 1), now, { window: past }).ok).toBe(true)
    expect(judge(hotp(seed, step + 1), now, { window: past })).toEqual({ ok: false, why: 'wrong' })
    expect(judge(hotp(seed, step - 2), now, { window: { past: 2, future: 0 } })).toEqual({ ok: true, step: step - 2 })
    for (const past of [3, -1, 0.5, Number.NaN]) {
      expect(() => judge('081804', now, { window: { past, future: 0 } })).toThrow(RangeError)
    }
  })

  test('ends at the first step there is', () => {
    expect(judge('755224', 0)).toEqual({ ok: true, step: 0 })
    expect(judge('000000', 0)).toEqual({ ok: false, why: 'wrong' })
  })
})

describe('a step is accepted once', () => {
  const now = 1111111109
  const step = 0x23523ec

  test.each([
    ['the same step', 0, 0],
    ['an older step after a newer one', -1, 0],
    ['the current step after the next', 0, 1],
    ['a step long before the last', 0, 1000],
  ])('%s is a replay', (_name, away, last) => {
    expect(judge(hotp(seed, step + away), now, { lastStep: step + last })).toEqual({ ok: false, why: 'replayed' })
  })

  test('the next step is not', () => {
    expect(judge(hotp(seed, step + 1), now, { lastStep: step })).toEqual({ ok: true, step: step + 1 })
    expect(judge('755224', 0, { lastStep: 0 })).toEqual({ ok: false, why: 'replayed' })
  })

  test('a wrong code is wrong, not a replay', () => {
    expect(judge(hotp(seed, step - 2), now, { lastStep: step })).toEqual({ ok: false, why: 'wrong' })
  })

  test('where two steps have one code, the one that is still good counts', () => {
    // The first neighbours of this secret that are alike: one pair in a million is.
    const first = 910737
    expect([hotp(seed, first), hotp(seed, first + 1)]).toEqual(['911617', '911617'])
    const trial = { secret: seed, code: '911617', now: at(first * 30) }
    expect(verifyTotp({ ...trial, lastStep: undefined })).toEqual({ ok: true, step: first })
    expect(verifyTotp({ ...trial, lastStep: first })).toEqual({ ok: true, step: first + 1 })
    expect(verifyTotp({ ...trial, lastStep: first + 1 })).toEqual({ ok: false, why: 'replayed' })
  })
})

describe('what is typed', () => {
  test.each(['081804', ' 081 804', '081 804 ', '0 8 1 8 0 4', '081\u00a0804', '081804\n'])('%j is read', (code) => {
    expect(judge(code, 1111111109)).toEqual({ ok: true, step: 0x23523ec })
  })

  test.each([
    ['', 'nothing'],
    ['81804', 'five digits'],
    ['0818040', 'seven digits'],
    ['\uff10\uff18\uff11\uff18\uff10\uff14', 'full-width digits'],
    ['\u0660\u0668\u0661\u0668\u0660\u0664', 'Arabic digits'],
    ['8.1804e4', 'a number with an exponent'],
    ['+81804', 'a sign'],
    ['0x81804', 'hexadecimal'],
    ['081-804', 'a hyphen'],
    ['081804;', 'more than the code'],
    ['081804\0', 'a NUL'],
  ])('%j (%s) is malformed', (code) => {
    expect(judge(code, 1111111109)).toEqual({ ok: false, why: 'malformed' })
  })

  test('a million spaces and a good code are malformed', () => {
    expect(judge(`${' '.repeat(1_000_000)}081804`, 1111111109)).toEqual({ ok: false, why: 'malformed' })
  })

  test.each([[81804], [['081804']], [null], [{ toString: () => '081804' }]])(
    '%j, which is no text, is malformed',
    (code) => {
      // What a schema forgot to refuse must not get through here.
      expect(judge(code as never, 1111111109)).toEqual({ ok: false, why: 'malformed' })
    },
  )
})

test('a code is good for its own secret only, exactly within the window and exactly once', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 64 }),
      fc.integer({ min: 3, max: 0x3fffffff }),
      fc.integer({ min: -3, max: 3 }),
      fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined }),
      (secret, step, away, last) => {
        const verdict = verifyTotp({
          secret,
          code: hotp(secret, step + away),
          now: at(step * 30 + 7),
          lastStep: last === undefined ? undefined : step + last,
        })
        const inside = [-1, 0, 1].filter((one) => hotp(secret, step + one) === hotp(secret, step + away))
        const fresh = inside.find((one) => last === undefined || one > last)
        const refusal = { ok: false, why: inside.length === 0 ? 'wrong' : 'replayed' }
        expect(verdict).toEqual(fresh === undefined ? refusal : { ok: true, step: step + fresh })
      },
    ),
  )
})

test('a new secret has 160 bits and is never the same; one below 128 bits is never used', () => {
  const secrets = Array.from({ length: 200 }, () => newTotpSecret())
  expect(secrets.every((secret) => secret.length === 20)).toBe(true)
  expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(200)
  expect(() => judge('282760', 0, { secret: Buffer.from('48656c6c6f21deadbeef', 'hex') })).toThrow(/16 bytes/)
})
