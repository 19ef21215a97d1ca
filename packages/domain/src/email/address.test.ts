import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEmail } from './address.ts'

function accepted(input: string) {
  const read = parseEmail(input)
  if (!read.ok) throw new Error(`refused as ${read.code}`)
  return read
}

const codeOf = (input: string) => {
  const read = parseEmail(input)
  return read.ok ? 'accepted' : read.code
}

describe('parseEmail', () => {
  test.each([
    ['ada@example.com', 'ada@example.com', 'ada@example.com'],
    ['Ada.Lovelace+x@Example.COM', 'Ada.Lovelace+x@example.com', 'ada.lovelace+x@example.com'],
    ["o'brien@example.localhost", "o'brien@example.localhost", "o'brien@example.localhost"],
    ['a/b=c@sub.example.com', 'a/b=c@sub.example.com', 'a/b=c@sub.example.com'],
    ['jos\u00e9@m\u00fcnchen.DE', 'jos\u00e9@xn--mnchen-3ya.de', 'jos\u00e9@xn--mnchen-3ya.de'],
    [
      '\u7528\u6237@\u4f8b\u3048\u3002\u30c6\u30b9\u30c8',
      '\u7528\u6237@xn--r8jz45g.xn--zckzah',
      '\u7528\u6237@xn--r8jz45g.xn--zckzah',
    ],
  ])('takes %s as it is written, with its domain in lower-case ASCII', (input, address, key) => {
    expect(parseEmail(input)).toEqual({ ok: true, address, key })
  })

  test('stores the composed spelling of what was typed', () => {
    expect(accepted('jose\u0301@example.com').address).toBe('jos\u00e9@example.com')
  })

  test('gives every character of Unicode a key that is its own key', () => {
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const read = parseEmail(`a${String.fromCodePoint(code)}b@example.com`)
      if (!read.ok) continue
      const again = parseEmail(read.key)
      if (!again.ok || again.key !== read.key) throw new Error(`U+${code.toString(16)}`)
    }
  })

  test('keeps the address as typed, so that mail goes only where it was meant to', () => {
    expect(accepted('\ufb01sh@example.com').address).toBe('\ufb01sh@example.com')
    expect(accepted('ADA@example.com').address).toBe('ADA@example.com')
  })

  test.each([
    ['\ufb01sh@example.com', 'fish@example.com', 'a ligature'],
    ['user@\u212aexample.com', 'user@kexample.com', 'the Kelvin sign'],
    ['jose\u0301@example.com', 'jos\u00e9@example.com', 'NFD and NFC'],
    ['\uff41da@example.com', 'ada@example.com', 'full-width letters'],
    ['ADA@EXAMPLE.COM', 'ada@example.com', 'case'],
    ['a@b\u00fccher.de', 'a@xn--bcher-kva.de', 'punycode'],
    ['a@ex\uff41mple\u3002com', 'a@example.com', 'full-width domain'],
  ])('gives %s and %s one key (%s)', (one, other) => {
    expect(accepted(one).key).toBe(accepted(other).key)
  })

  test('keeps a Cyrillic look-alike apart, in name and in domain', () => {
    expect(accepted('\u0430da@example.com').key).not.toBe(accepted('ada@example.com').key)
    expect(accepted('ada@ex\u0430mple.com').key).not.toBe(accepted('ada@example.com').key)
  })

  test.each([
    ['a\r\nBcc: x@y.co@example.com', 'email_needs_one_at'],
    ['a@b.co%0d%0aBcc:x@y', 'email_needs_one_at'],
    ['v@x.co,w@y.co', 'email_needs_one_at'],
    ['v@x.co%00w@y.co', 'email_needs_one_at'],
    ['v@x.co w@y.co', 'email_needs_one_at'],
    ['ada', 'email_needs_one_at'],
    ['', 'email_needs_one_at'],
    ['"a\r\nSubject: x"@b.co', 'email_forbidden_character'],
    ['a\n@b.co', 'email_forbidden_character'],
    ['a\0@b.co', 'email_forbidden_character'],
    [' ada@example.com', 'email_forbidden_character'],
    ['ada@example.com ', 'email_forbidden_character'],
    ['a\u00a0b@example.com', 'email_forbidden_character'],
    ['a\u200bda@example.com', 'email_forbidden_character'],
    ['ada@exam\u200bple.com', 'email_forbidden_character'],
    ['ada@exam\u00adple.com', 'email_forbidden_character'],
    ['a\u202eda@example.com', 'email_forbidden_character'],
    ['a\u034fda@example.com', 'email_forbidden_character'],
    ['a\ufe0fda@example.com', 'email_forbidden_character'],
    ['\ud800@example.com', 'email_forbidden_character'],
    ['"ada"@example.com', 'email_forbidden_character'],
    ['a(x)b@example.com', 'email_forbidden_character'],
    ['<ada@example.com>', 'email_forbidden_character'],
    ['v,w@example.com', 'email_forbidden_character'],
    ['v%x.co@example.com', 'email_forbidden_character'],
    ['x.co!v@example.com', 'email_forbidden_character'],
    ['|sh@example.com', 'email_forbidden_character'],
    ['a\\@example.com', 'email_forbidden_character'],
    ['ada@example%2ecom', 'email_forbidden_character'],
    ['ada@x.co:25', 'email_forbidden_character'],
    ['@example.com', 'email_local_part_invalid'],
    ['.ada@example.com', 'email_local_part_invalid'],
    ['ada.@example.com', 'email_local_part_invalid'],
    ['a..da@example.com', 'email_local_part_invalid'],
    ['-f@example.com', 'email_local_part_invalid'],
    ['/etc/passwd@example.com', 'email_local_part_invalid'],
    ['\u0301a@example.com', 'email_local_part_invalid'],
    ['ada@', 'email_domain_invalid'],
    ['ada@example.com.', 'email_domain_invalid'],
    ['ada@.example.com', 'email_domain_invalid'],
    ['ada@a..b', 'email_domain_invalid'],
    ['ada@-a.com', 'email_domain_invalid'],
    ['ada@a-.com', 'email_domain_invalid'],
    ['ada@ex_ample.com', 'email_domain_invalid'],
    ['ada@a/b.com', 'email_domain_invalid'],
    ['ada@a?b.com', 'email_domain_invalid'],
    ['ada@a#b.com', 'email_domain_invalid'],
    ['ada@xn--zzzz.de', 'email_domain_invalid'],
    ['ada@xn--.com', 'email_domain_invalid'],
    [`ada@${'a'.repeat(64)}.com`, 'email_domain_invalid'],
    ['ada@\u2100.com', 'email_domain_invalid'],
    ['ada@example.1', 'email_domain_invalid'],
    ['ada@localhost', 'email_domain_needs_dot'],
    ['ada@192.0.2.1', 'email_domain_is_ip'],
    ['ada@0x7f.1', 'email_domain_is_ip'],
    ['ada@[192.0.2.1]', 'email_domain_is_ip'],
    ['ada@[IPv6:::1]', 'email_domain_is_ip'],
  ])('refuses %j as %s', (input, code) => {
    expect(codeOf(input)).toBe(code)
  })

  test.each([
    ['a\uff20b@example.com', 'a full-width @'],
    ['a\uff0cb@example.com', 'a full-width comma'],
    ['a\u037eb@example.com', 'the Greek question mark, which is a semicolon'],
    ['a\u00b4b@example.com', 'an accent that is a space and a mark'],
    ['a\uff05b@example.com', 'a full-width percent sign'],
  ])('refuses %j, whose key would hold what an address must not: %s', (input) => {
    expect(codeOf(input)).toBe('email_forbidden_character')
  })

  test('refuses dots that only appear in the key', () => {
    expect(codeOf('a\u2026b@example.com')).toBe('email_local_part_invalid')
  })

  test('counts octets, not characters, at every limit', () => {
    const domain = `${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
    expect(codeOf(`${'a'.repeat(64)}@example.com`)).toBe('accepted')
    expect(codeOf(`${'a'.repeat(65)}@example.com`)).toBe('email_local_part_too_long')
    expect(codeOf(`${'\u00e9'.repeat(32)}@example.com`)).toBe('accepted')
    expect(codeOf(`${'\u00e9'.repeat(33)}@example.com`)).toBe('email_local_part_too_long')
    expect(codeOf(`a@${'b'.repeat(63)}.com`)).toBe('accepted')
    expect(codeOf(`${'a'.repeat(64)}@${domain}`)).toBe('accepted')
    expect(codeOf(`${'a'.repeat(64)}@${domain}d`)).toBe('email_too_long')
    expect(codeOf(`${'a'.repeat(1_000_000)}@example.com`)).toBe('email_too_long')
  })

  test('never repeats the input in a refusal', () => {
    const read = parseEmail('canary-4711 @example.com')
    expect(read.ok).toBe(false)
    expect(JSON.stringify(read)).not.toContain('canary')
  })
})

describe('every accepted address', () => {
  const scripts = fc.constantFrom(
    ..."aZ9.+-_'/=\u00e9\u00df\u0130\u03a3\u03c2\ufb01\u212b\uff21\u1e9e\u0430\u7528\u0301\u0345\u{1d400}\u1f88\u2162\ufdfa\u00bd",
  )
  const domain = fc.oneof(
    fc.domain(),
    fc.string({ unit: scripts, minLength: 1, maxLength: 12 }).map((one) => `${one}.example`),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map((one) => `${one}.com`),
  )
  const local = fc.oneof(
    fc.string({ unit: scripts, minLength: 1, maxLength: 12 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 6 }),
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
  )
  const typed = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(local, domain).map((both) => both.join('@')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  )

  function forAccepted(holds: (read: { address: string; key: string }) => void) {
    let taken = 0
    fc.assert(
      fc.property(typed, (input) => {
        const read = parseEmail(input)
        if (!read.ok) return
        taken += 1
        holds(read)
      }),
      { numRuns: 3000 },
    )
    // A property that nothing reaches proves nothing.
    expect(taken).toBeGreaterThan(200)
  }

  test('reads back as itself, with the same key', () => {
    forAccepted(({ address, key }) => expect(parseEmail(address)).toEqual({ ok: true, address, key }))
  })

  test('has a key that is its own key', () => {
    forAccepted(({ key }) => expect(parseEmail(key)).toEqual({ ok: true, address: key, key }))
  })

  test('holds nothing that SMTP or a mail header could misread', () => {
    forAccepted(({ address, key }) => {
      for (const text of [address, key]) {
        expect(text.split('@')).toHaveLength(2)
        expect(text).not.toMatch(/["(),:;<>[\\\]%!|\p{C}\p{Z}]/u)
        expect(text).not.toMatch(/^[-./]|\.\.|\.@/)
        expect(text.slice(text.indexOf('@'))).toMatch(/^@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/)
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(254)
      }
    })
  })

  test('has the key of any other spelling of it: upper case, NFD, NFKC', () => {
    forAccepted(({ address, key }) => {
      for (const other of [address.normalize('NFD'), address.normalize('NFKC')]) expect(accepted(other).key).toBe(key)
    })
  })
})
