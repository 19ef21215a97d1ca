import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase32 } from './base32.ts'
import { otpauthUri } from './otpauth-uri.ts'

const secret = decodeBase32('HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ') ?? Buffer.alloc(0)

/** As an app reads it: decode the label, then cut at the first colon. */
function read(uri: string) {
  const url = new URL(uri)
  const label = decodeURIComponent(url.pathname.replace(/^\/+/, ''))
  const cut = label.indexOf(':')
  return {
    scheme: url.protocol,
    type: url.host,
    labelIssuer: label.slice(0, cut),
    account: label.slice(cut + 1),
    hash: url.hash,
    query: Object.fromEntries(url.searchParams),
    names: [...url.searchParams.keys()],
  }
}

test('the URI is the published one, character by character', () => {
  expect(otpauthUri({ issuer: 'ACME Co', account: 'john.doe@email.com', secret })).toBe(
    'otpauth://totp/ACME%20Co:john.doe@email.com?secret=HXDMVJECJJWSRB3HWIZR4IFUGFTMXBOZ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30',
  )
  expect(
    otpauthUri({ issuer: 'Example', account: 'alice@google.com', secret: Buffer.from('48656c6c6f21deadbeef', 'hex') }),
  ).toBe(
    'otpauth://totp/Example:alice@google.com?secret=JBSWY3DPEHPK3PXP&issuer=Example&algorithm=SHA1&digits=6&period=30',
  )
})

describe('a hostile label', () => {
  test.each([
    ['Evil:Bank', 'Evil Bank'],
    ['a?secret=AAAA', 'a?secret=AAAA'],
    ['a&issuer=Bank', 'a&issuer=Bank'],
    ['100%41', '100%41'],
    ['a#b', 'a#b'],
    ['../../hotp/x', '../../hotp/x'],
    ["it's (me)!*", "it's (me)!*"],
    ['\u{1f600}', '\u{1f600}'],
    ['abc\u202egnp.exe', 'abc gnp.exe'],
    ['a\u200bb\ud800c\r\nd\0', 'a b c d'],
    ['  spaces \u2003 everywhere ', 'spaces everywhere'],
  ])('%j is shown as %j and changes nothing else', (text, seen) => {
    const uri = otpauthUri({ issuer: 'Acme', account: text, secret })
    expect(uri).toMatch(/^[\x21-\x7e]+$/)
    expect(read(uri)).toMatchObject({
      scheme: 'otpauth:',
      type: 'totp',
      labelIssuer: 'Acme',
      account: seen,
      hash: '',
      names: ['secret', 'issuer', 'algorithm', 'digits', 'period'],
    })
    expect(read(otpauthUri({ issuer: text, account: 'a', secret }))).toMatchObject({
      labelIssuer: seen,
      account: 'a',
      query: { issuer: seen },
    })
  })

  test('is cut at 100 characters, an issuer at 32, and never within one', () => {
    const long = read(otpauthUri({ issuer: '\u{1f600}'.repeat(300), account: '\u{1f600}'.repeat(300), secret }))
    expect(long.labelIssuer).toBe('\u{1f600}'.repeat(32))
    expect(long.account).toBe('\u{1f600}'.repeat(100))
  })

  test('without anything to see is no issuer', () => {
    for (const issuer of ['', ' ', ':', '\u200b'])
      expect(() => otpauthUri({ issuer, account: 'a', secret })).toThrow('issuer')
  })
})

test('whatever the names are, an app reads the secret, one issuer in both places, and SHA-1, 6, 30', () => {
  const name = fc.string({ unit: 'binary', maxLength: 150 })
  fc.assert(
    fc.property(name, name, fc.uint8Array({ minLength: 16, maxLength: 32 }), (issuer, account, bytes) => {
      const uri = otpauthUri({ issuer: `x${issuer}`, account, secret: bytes })
      const found = read(uri)
      expect(found.query).toEqual({
        secret: expect.stringMatching(/^[A-Z2-7]+$/),
        issuer: found.labelIssuer,
        algorithm: 'SHA1',
        digits: '6',
        period: '30',
      })
      expect(found.names).toHaveLength(5)
      expect(decodeBase32(found.query['secret'] ?? '')).toEqual(Buffer.from(bytes))
      expect(found.account).not.toMatch(/[:\p{C}]/u)
      expect(uri).not.toContain('+')
      // What a QR code of level M holds.
      expect(uri.length).toBeLessThanOrEqual(2331)
    }),
  )
})
