import { describe, expect, test } from 'vitest'
import { authorizedKeysLine } from './authorized-keys.ts'
import { parseSshPublicKey } from './parse.ts'

const canonical = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'
const comment = 'portcullis:ssh_0197c0de'

describe('authorizedKeysLine', () => {
  test('is the key and our comment, and nothing that a person typed', () => {
    const read = parseSshPublicKey(`${canonical} command="id" ada@laptop`)
    if (!read.ok) throw new Error(read.code)
    expect(authorizedKeysLine(read.canonical, comment)).toBe(`${canonical} ${comment}`)
  })

  test.each([
    '',
    'ssh-ed25519',
    `${canonical} ada@laptop`,
    `${canonical}\n`,
    `${canonical}\ncommand="id" ${canonical}`,
    `command="id" ${canonical}`,
    `cert-authority ${canonical}`,
    ` ${canonical}`,
    'ssh-dss AAAAB3NzaC1kc3M=',
    'ssh-ed25519 BBBBC3NzaC1lZDI1NTE5',
  ])('refuses a stored key that is not canonical: %j', (spoilt) => {
    expect(() => authorizedKeysLine(spoilt, comment)).toThrow(RangeError)
  })

  test.each([
    '',
    'portcullis',
    'portcullis:',
    ':id',
    'a b:c',
    'portcullis:id\n',
    'portcullis:i d',
    'Portcullis:id',
    'a:b:c',
  ])('refuses a comment that is not ours: %j', (spoilt) => {
    expect(() => authorizedKeysLine(canonical, spoilt)).toThrow(RangeError)
  })
})
