import { execFileSync, spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildKrl, type RevokedKeys } from './krl.ts'
import { parseSshPublicKey } from './parse.ts'
import { wireString, wireUint32 } from './wire.ts'

const generatedAt = new Date('2026-01-02T03:04:05.678Z')
const blank: RevokedKeys = { version: 1n, generatedAt, keys: [], fingerprints: [] }
const sha256 = (blob: Buffer) => createHash('sha256').update(blob).digest()
const hasKeygen = spawnSync('ssh-keygen', ['-?']).error === undefined

/** As a key on the wire: 32 bytes that a server compares and never uses. */
const anyKey = () => Buffer.concat([wireString('ssh-ed25519'), wireString(randomBytes(32))])
const p256 =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBGD+1LolWp0xyWHrdMY1bWjASbiSO2H6bOZpYi5g8p+2eQP+EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk='

describe('buildKrl', () => {
  test('writes the header of the format, in whole seconds', () => {
    const list = buildKrl({ ...blank, version: 258n, comment: 'rev' })
    const fields = [
      '5353484b524c0a00', // SSHKRL, newline, NUL
      '00000001',
      '0000000000000102',
      '00000000695735a5', // 2026-01-02T03:04:05Z
      '0000000000000000',
      '00000000',
      '00000003726576',
    ]
    expect(list.toString('hex')).toBe(fields.join(''))
  })

  test('is the same list whatever the order, and holds each entry once', () => {
    const keys = [anyKey(), anyKey(), anyKey(), Buffer.from(p256, 'base64')]
    const fingerprints = keys.map(sha256)
    const list = buildKrl({ ...blank, keys, fingerprints })
    const shuffled = { keys: [...keys, ...keys].reverse(), fingerprints: [...fingerprints].reverse() }
    expect(buildKrl({ ...blank, ...shuffled })).toEqual(list)
    for (const entry of [...keys, ...fingerprints])
      expect(list.toString('hex').split(entry.toString('hex'))).toHaveLength(2)
  })

  test.each<[string, Partial<RevokedKeys>]>([
    ['a key without bytes', { keys: [Buffer.alloc(0)] }],
    ['a key over 8 KiB', { keys: [Buffer.alloc(8193)] }],
    ['a digest of 20 bytes', { fingerprints: [Buffer.alloc(20)] }],
    ['a digest of 33 bytes', { fingerprints: [Buffer.alloc(33)] }],
    ['a negative version', { version: -1n }],
    ['a version of 65 bits', { version: 1n << 64n }],
    ['a date that is none', { generatedAt: new Date(Number.NaN) }],
    ['a date before 1970', { generatedAt: new Date(-1) }],
    ['a comment over 256 octets', { comment: 'é'.repeat(129) }],
    ['a comment with a NUL', { comment: 'a\0b' }],
    ['more than 32 MiB', { keys: Array.from({ length: 4096 }, (_, at) => Buffer.alloc(8192, wireUint32(at))) }],
  ])('makes no list of %s', (_what, part) => {
    expect(() => buildKrl({ ...blank, ...part })).toThrow(RangeError)
  })
})

describe.skipIf(!hasKeygen)('ssh-keygen agrees', () => {
  let folder: string
  const keygen = (...options: string[]) =>
    execFileSync('ssh-keygen', options, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  const blobOf = (name: string) => {
    const read = parseSshPublicKey(readFileSync(join(folder, `${name}.pub`), 'utf8'))
    if (!read.ok) throw new Error(read.code)
    return read.blob
  }
  /** Exit code of `ssh-keygen -Q` (0: none revoked, 1: one is, 255: it could not read the list), and what it says of each. */
  const ask = (list: Buffer, ...names: string[]) => {
    writeFileSync(join(folder, 'krl'), list)
    const files = names.map((name) => `${name}.pub`)
    const answer = spawnSync('ssh-keygen', ['-Q', '-f', 'krl', ...files], { cwd: folder, encoding: 'utf8' })
    const said = answer.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1))
    return { exit: answer.status, said }
  }
  const types = ['ed25519', 'ecdsa', 'rsa', 'sk']

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssh-key-krl-'))
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', 'ed25519')
    keygen('-q', '-t', 'ecdsa', '-b', '384', '-N', '', '-f', 'ecdsa')
    keygen('-q', '-t', 'rsa', '-b', '3072', '-N', '', '-f', 'rsa')
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', 'other')
    const sk = 'AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1EaAAAABHNzaDo='
    writeFileSync(join(folder, 'sk.pub'), `sk-ssh-ed25519@openssh.com ${sk}\n`)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('that an empty list revokes nothing', () => {
    expect(ask(buildKrl(blank), ...types, 'other')).toEqual({ exit: 0, said: ['ok', 'ok', 'ok', 'ok', 'ok'] })
  })

  test.each(types)('that a listed %s key is revoked, by itself and by its digest, and no other', (type) => {
    const byKey = buildKrl({ ...blank, keys: [blobOf(type)] })
    const byDigest = buildKrl({ ...blank, fingerprints: [sha256(blobOf(type))] })
    for (const list of [byKey, byDigest]) {
      expect(ask(list, type)).toEqual({ exit: 1, said: ['REVOKED'] })
      expect(ask(list, ...types.filter((other) => other !== type), 'other')).toEqual({
        exit: 0,
        said: ['ok', 'ok', 'ok', 'ok'],
      })
    }
  })

  test('about a list of 10,000 keys and 10,000 digests', () => {
    const crowd = Array.from({ length: 10_000 }, anyKey)
    const digests = Array.from({ length: 10_000 }, () => randomBytes(32))
    const list = buildKrl({
      ...blank,
      comment: 'crowd',
      keys: [...crowd, blobOf('rsa'), blobOf('sk')],
      fingerprints: [...digests, sha256(blobOf('ed25519'))],
    })
    expect(ask(list, 'rsa', 'sk', 'ed25519', 'ecdsa', 'other').said).toEqual([
      'REVOKED',
      'REVOKED',
      'REVOKED',
      'ok',
      'ok',
    ])
    expect(ask(list, 'other')).toEqual({ exit: 0, said: ['ok'] })
  })

  test('that a list with one byte missing is unreadable, so that a cut file is seen', () => {
    const list = buildKrl({ ...blank, keys: [blobOf('rsa')] })
    expect(ask(list.subarray(0, -1), 'other').exit).not.toBe(0)
  })

  test('byte for byte: it writes the same list from the same keys', () => {
    const keys = types.map(blobOf)
    const extra = Array.from({ length: 50 }, anyKey)
    const lines = extra.map((blob) => `hash: SHA256:${sha256(blob).toString('base64').replace(/=+$/, '')}`)
    writeFileSync(join(folder, 'spec'), [...lines, ...lines].join('\n') + '\n')
    keygen('-k', '-f', 'theirs', '-z', '77', ...types.map((type) => `${type}.pub`), 'spec')
    const theirs = readFileSync(join(folder, 'theirs'))
    const seconds = Number(theirs.readBigUInt64BE(20))
    const comment = theirs.toString('utf8', 44, 44 + theirs.readUInt32BE(40))
    const ours = buildKrl({
      version: 77n,
      generatedAt: new Date(seconds * 1000),
      comment,
      keys,
      fingerprints: extra.map(sha256),
    })
    expect(ours.equals(theirs)).toBe(true)
  })
})
