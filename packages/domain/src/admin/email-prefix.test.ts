import { describe, expect, it } from 'vitest'
import { parseEmail } from '../email/address.ts'
import { emailPrefixKey } from './email-prefix.ts'

describe('the beginning of an address', () => {
  const whole = [
    'Ada@Example.COM',
    'ﬁsh@shop.example',
    'E\u0301mile@BÜCHER.example',
    'ＡＤＡ@example.com',
    'İ@example.com',
  ]

  it.each(whole)('is of %s what its uniqueness key is, typed whole', (address) => {
    const parsed = parseEmail(address)
    expect(emailPrefixKey(address)).toBe(parsed.ok ? parsed.key : 'refused')
  })

  it.each(['Ada@Example.COM', 'ﬁsh.and.chips@shop.example', 'ＡＤＡ@example.com'])(
    'leads to %s wherever it is cut',
    (address) => {
      const parsed = parseEmail(address)
      const key = parsed.ok ? parsed.key : 'refused'
      const cuts = Array.from({ length: address.length }, (_, at) => emailPrefixKey(address.slice(0, at + 1)))
      expect(cuts.filter((cut) => !key.startsWith(cut))).toEqual([])
      expect(cuts.at(-1)).toBe(key)
    },
  )

  it.each(['@', '@@', 'a@b@c', '%', '_', "'; drop", '\u{10ffff}', 'ß@ß'])(
    'is text to be compared, whatever it holds: %j',
    (typed) => {
      expect(typeof emailPrefixKey(typed)).toBe('string')
    },
  )
})
