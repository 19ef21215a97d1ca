import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checksum62, isChecked, newChecked, randomBase62 } from './base62.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

test.each([
  ['zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ', '0mLq17'],
  ['0'.repeat(30), '2C8GjS'],
  ['A'.repeat(30), '0uCPlr'],
  ['abcdefghijklmnopqrstuvwxyz0123', '2LolCm'],
])('the checksum of %s is %s, as published keys have it', (random, checksum) => {
  expect(checksum62(random)).toBe(checksum)
  expect(isChecked(random + checksum)).toBe(true)
})

test('a checksum is the CRC-32 in base 62, whatever the text', () => {
  expect(crc32('zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ').toString(16)).toBe('2a95ee6d')
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 60 }), (text) => {
      const value = [...checksum62(text)].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0)
      expect(checksum62(text)).toMatch(/^[0-9A-Za-z]{6}$/)
      expect(value).toBe(crc32(text))
    }),
  )
})

describe('random characters', () => {
  test('are equally likely: of all bytes each character gets four, and the eight left over are drawn again', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const asked: number[] = []
    const text = randomBase62(256, (count) => {
      asked.push(count)
      return bytes.subarray(0, count)
    })
    expect(asked).toEqual([256, 8])
    const counts = new Map<string, number>()
    for (const character of text.slice(0, 248)) counts.set(character, (counts.get(character) ?? 0) + 1)
    expect([...counts.keys()].toSorted().join('')).toBe([...alphabet].toSorted().join(''))
    expect([...counts.values()].every((count) => count === 4)).toBe(true)
    expect(text.slice(248)).toBe('01234567')
  })

  test('are drawn again until there are enough', () => {
    let round = 0
    expect(
      randomBase62(3, (count) => {
        round += 1
        return new Uint8Array(count).fill(round < 5 ? 255 : 61)
      }),
    ).toBe('zzz')
    expect(round).toBe(5)
  })

  test('come from the whole alphabet at every place', () => {
    const texts = Array.from({ length: 3000 }, () => randomBase62(10))
    for (let place = 0; place < 10; place += 1) {
      // 3000 draws of 62: that one is missing happens once in 10^18.
      expect(new Set(texts.map((text) => text.charAt(place))).size).toBe(62)
    }
  })
})

test('one wrong, missing, added or exchanged character is found', () => {
  const place = fc.integer({ min: 0, max: 35 })
  fc.assert(
    fc.property(place, fc.constantFrom(...alphabet, '_', ' ', '\u0661'), (at, other) => {
      const text = newChecked()
      expect(isChecked(text)).toBe(true)
      const changed = text.slice(0, at) + other + text.slice(at + 1)
      expect(isChecked(changed)).toBe(changed === text)
      expect(isChecked(text.slice(0, at) + text.slice(at + 1))).toBe(false)
      expect(isChecked(text.slice(0, at) + other + text.slice(at))).toBe(false)
    }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 28 }), (at) => {
      const text = newChecked()
      const swapped = text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2)
      expect(isChecked(swapped)).toBe(swapped === text)
    }),
  )
})
