import { crc32 } from 'node:zlib'
import { randomBytesOf } from '@portcullis/runtime/random'

/** The order counts: the published checksums of such keys are made with it. */
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** The largest multiple of 62 that a byte can count to: a byte from here on is drawn again, so that no character is likelier. */
const fairBytes = 248
const checksumCharacters = 6

/** Characters of the random part and of the checksum behind it. 30 x log2 62 = 178.6 bits. */
export const checkedRandomCharacters = 30
/** The whole of a checked text. */
export const checkedCharacters = checkedRandomCharacters + checksumCharacters

/**
 * `count` random base62 characters, each equally likely (rejection sampling). `draw` gives random bytes; the default is the
 * system's generator.
 */
export function randomBase62(count: number, draw: (count: number) => Uint8Array = randomBytesOf): string {
  let text = ''
  while (text.length < count) {
    for (const byte of draw(count - text.length)) {
      if (byte < fairBytes) text += alphabet.charAt(byte % alphabet.length)
    }
  }
  return text
}

/**
 * CRC-32 (ISO 3309, as in zlib) of ASCII text as six base62 digits, with zeros in front. Finds typing errors and what only looks
 * like a key before the database is asked; anybody can compute it, so it keeps out nobody.
 */
export function checksum62(text: string): string {
  let left = crc32(text)
  let digits = ''
  for (let place = 0; place < checksumCharacters; place += 1) {
    digits = alphabet.charAt(left % alphabet.length) + digits
    left = Math.floor(left / alphabet.length)
  }
  return digits
}

/** A new random text with its checksum behind: 36 characters. Source: GitHub's token format. */
export function newChecked(): string {
  const random = randomBase62(checkedRandomCharacters)
  return random + checksum62(random)
}

/** Whether `text` has the form of a checked text, and the right checksum. */
export function isChecked(text: string): boolean {
  return (
    text.length === checkedCharacters &&
    /^[0-9A-Za-z]+$/.test(text) &&
    checksum62(text.slice(0, checkedRandomCharacters)) === text.slice(checkedRandomCharacters)
  )
}
