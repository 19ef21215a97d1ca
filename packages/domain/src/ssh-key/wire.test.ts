import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wireMpint, WireReader, wireString, wireUint32, wireUint64 } from './wire.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('the SSH wire format', () => {
  // The examples of RFC 4251 section 5; its negative ones are refused.
  test.each([
    [0n, '00 00 00 00'],
    [0x9a378f9b2e332a7n, '00 00 00 08 09 a3 78 f9 b2 e3 32 a7'],
    [0x80n, '00 00 00 02 00 80'],
  ])('writes and reads the mpint %d of RFC 4251 as it is written there', (value, bytes) => {
    expect(wireMpint(value)).toEqual(hex(bytes))
    expect(new WireReader(hex(bytes)).mpint()).toEqual({ ok: true, value })
  })

  test.each([
    ['00 00 00 02 ed cc', 'negative'],
    ['00 00 00 01 80', 'negative'],
    ['00 00 00 05 ff 21 52 41 11', 'negative'],
    ['00 00 00 01 00', 'padded'],
    ['00 00 00 02 00 7f', 'padded'],
    ['00 00 00 03 00 00 80', 'padded'],
    ['00 00 00 02 01', 'cut'],
    ['00 00 00', 'cut'],
  ])('refuses the mpint %s as %s', (bytes, fault) => {
    expect(new WireReader(hex(bytes)).mpint()).toEqual({ ok: false, fault })
  })

  test('reads back all that it writes, and then is at the end', () => {
    const uint32 = fc.integer({ min: 0, max: 0xffff_ffff })
    const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
    const bytes = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(uint32, uint64, fc.bigInt({ min: 0n }), bytes, (small, large, any, content) => {
        const written = [wireUint32(small), wireUint64(large), wireMpint(any), wireString(Buffer.from(content))]
        const reader = new WireReader(Buffer.concat(written))
        expect([reader.uint32(), reader.uint64(), reader.mpint()]).toEqual([small, large, { ok: true, value: any }])
        expect([...(reader.string() ?? [])]).toEqual([...content])
        expect(reader.atEnd).toBe(true)
      }),
    )
  })

  test('gives nothing where a length says more than there is', () => {
    expect(new WireReader(hex('ff ff ff ff 00')).string()).toBeUndefined()
    expect(new WireReader(hex('00 00 00 02 00')).string()).toBeUndefined()
    expect(new WireReader(hex('00 00 00')).uint32()).toBeUndefined()
    expect(new WireReader(hex('00 00 00 00 00 00 00')).uint64()).toBeUndefined()
  })

  test('writes no number that does not fit', () => {
    for (const value of [-1, 0.5, Number.NaN, 2 ** 32]) expect(() => wireUint32(value)).toThrow(RangeError)
    for (const value of [-1n, 1n << 64n]) expect(() => wireUint64(value)).toThrow(RangeError)
    expect(() => wireMpint(-1n)).toThrow(RangeError)
  })
})
