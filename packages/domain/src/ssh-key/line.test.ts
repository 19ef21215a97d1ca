import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseSshPublicKey } from './parse.ts'

const type = 'ssh-ed25519'
const data = 'AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'
const key = `${type} ${data}`
const sound = parseSshPublicKey(key)

const codeOf = (text: string) => {
  const read = parseSshPublicKey(text)
  return read.ok ? 'accepted' : read.code
}

describe('the line of a key', () => {
  test.each([
    ['with a comment', `${key} ada@laptop`],
    ['with a comment of several words and scripts', `${key} my laptop – größe 🔑 日本 من`],
    ['with spaces around and one final newline', `   ${key}  \n `],
    ['with the final newline of Windows', `${key}\r\n`],
    ['with a lone surrogate in its comment', `${key} \ud800`],
  ])('is the same key %s, and nothing of the comment is left', (_how, text) => {
    expect(sound.ok).toBe(true)
    expect(parseSshPublicKey(text)).toEqual(sound)
  })

  test.each([
    ['ssh_empty', ''],
    ['ssh_empty', '  \n'],
    ['ssh_several_lines', `${key}\n${key}`],
    ['ssh_several_lines', `${key} a\r\n${key} b\r\n`],
    ['ssh_several_lines', `${key}\n\n`],
    ['ssh_several_lines', `\n${key}`],
    ['ssh_several_lines', `${type} ${data.slice(0, 40)}\n${data.slice(40)}`],
    ['ssh_options', `command="id",no-pty ${key}`],
    ['ssh_options', `command="echo a b c" ${key}`],
    ['ssh_options', `restrict ${key} comment`],
    ['ssh_options', `from="10.0.0.0/8" ssh-dss AAAAB3NzaC1kc3M=`],
    ['ssh_options', `host.example,10.0.0.1 ${key}`],
    ['ssh_options', `@revoked * ${key}`],
    ['ssh_cert_authority', `cert-authority ${key}`],
    ['ssh_cert_authority', `no-pty,cert-authority,principals="root" ${key}`],
    ['ssh_cert_authority', `CERT-AUTHORITY ${key}`],
    ['ssh_cert_authority', `@cert-authority *.example.com ${key}`],
    ['ssh_certificate', 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29t'],
    ['ssh_certificate', 'ssh-rsa-cert-v00@openssh.com AAAA'],
    ['ssh_certificate', 'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com AAAA'],
    ['ssh_dss', 'ssh-dss AAAAB3NzaC1kc3MAAACBAP old laptop'],
    ['ssh_unknown_type', 'hello'],
    ['ssh_unknown_type', data],
    ['ssh_unknown_type', `SSH-ED25519 ${data}`],
    ['ssh_unknown_type', `ssh-ed448 AAAACXNzaC1lZDQ0OA==`],
    ['ssh_unknown_type', `rsa-sha2-512 AAAAB3NzaC1yc2E=`],
    ['ssh_unknown_type', `webauthn-sk-ecdsa-sha2-nistp256@openssh.com AAAA`],
    ['ssh_unknown_type', `ssh-mldsa-65 AAAADHNzaC1tbGRzYS02NQ==`],
    ['ssh_unknown_type', '2048 65537 25195908475657893494027183240048398571429282126204'],
    ['ssh_unknown_type', `\ufeff${key}`],
    ['ssh_unknown_type', `constructor ${data}`],
    ['ssh_base64', type],
    ['ssh_base64', `${type} `],
    ['ssh_base64', `${type}  ${data}`],
    ['ssh_base64', `${type} ${type} ${data}`],
    ['ssh_base64', `${type} ${data}=`],
    ['ssh_base64', `${type} ${data.replaceAll('+', '-')}`],
    ['ssh_base64', `${type} ${data.slice(0, -1)}`],
    ['ssh_base64', `${type} ${data.slice(0, 20)}*${data.slice(20)}`],
    ['ssh_base64', `${type} \uff21${data.slice(1)}`],
    // The last letter has two bits that decode to nothing: another spelling of the same bytes.
    ['ssh_base64', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1EaAB=='],
    ['ssh_too_long', `${key} ${'a'.repeat(9216)}`],
    ['ssh_too_long', `${key} ${'\u20ac'.repeat(2800)}`],
    ['ssh_too_long', ' '.repeat(8193)],
    ['ssh_file_format', '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n'],
    ['ssh_file_format', '---- BEGIN SSH2 PUBLIC KEY ----\nComment: "x"\nAAAA\n---- END SSH2 PUBLIC KEY ----\n'],
  ])('is refused with %s: %j', (code, text) => {
    expect(codeOf(text)).toBe(code)
  })

  test('holds 8192 octets and not one more', () => {
    const room = 8192 - key.length - 1
    expect(codeOf(`${key} ${'a'.repeat(room)}`)).toBe('accepted')
    expect(codeOf(`${key} ${'a'.repeat(room + 1)}`)).toBe('ssh_too_long')
  })

  test('is refused for every control character, line separator and direction mark, wherever it stands', () => {
    const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)
    const controls = [...span(0, 0x1f), ...span(0x7f, 0x9f)].filter((code) => code !== 0x0a)
    const marks = [0x061c, 0x200e, 0x200f, 0x2028, 0x2029, ...span(0x202a, 0x202e), ...span(0x2066, 0x2069)]
    for (const code of [...controls, ...marks]) {
      const mark = String.fromCodePoint(code)
      for (const text of [`${key} a${mark}b`, `${key}${mark}`, `${mark}${key}`, `${type}${mark}${data}`]) {
        expect([code, codeOf(text)]).toEqual([code, 'ssh_control_character'])
      }
    }
    expect(codeOf(`${key} a\r${key}`)).toBe('ssh_control_character')
  })
})

const putty = [
  'PuTTY-User-Key-File-3: ssh-ed25519',
  'Encryption: none',
  'Comment: laptop',
  'Public-Lines: 2',
  'AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3',
  'B1Ea',
  'Private-Lines: 1',
  'AAAAIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g',
  'Private-MAC: 0000000000000000000000000000000000000000000000000000000000000000',
].join('\r\n')

const hasKeygen = (() => {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'pipe' })
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
})()

describe('a private key', () => {
  test.each([
    ['PuTTY file', putty],
    ['PuTTY file without its first line', putty.slice(putty.indexOf('\r\n'))],
    ['PEM header in one line', '-----BEGIN RSA PRIVATE KEY----- MIIEowIBAAKCAQEA -----END RSA PRIVATE KEY-----'],
    [
      'ssh.com file',
      '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAi4AAAA3\n---- END SSH2 ENCRYPTED PRIVATE KEY ----',
    ],
    ['file longer than any key', `-----BEGIN OPENSSH PRIVATE KEY-----\n${'QUJD\n'.repeat(5000)}`],
    ['file behind its public half', `${key}\n-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n`],
    ['OpenSSH body without its header', `ssh-ed25519 b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ`],
  ])('is known as such: %s', (_form, text) => {
    expect(codeOf(text)).toBe('ssh_private_key')
  })
})

describe.skipIf(!hasKeygen)('files of ssh-keygen that are no public key line', () => {
  let folder: string
  const keygen = (...options: string[]) =>
    execFileSync('ssh-keygen', options, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssh-key-line-'))
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', 'new')
    keygen('-q', '-t', 'ed25519', '-N', 'a pass phrase', '-f', 'locked')
    keygen('-q', '-t', 'ecdsa', '-N', '', '-m', 'PEM', '-f', 'pem')
    keygen('-q', '-t', 'ecdsa', '-N', '', '-m', 'PKCS8', '-f', 'pkcs8')
    keygen('-q', '-s', 'new', '-I', 'id', '-n', 'root', 'pem.pub')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(['new', 'locked', 'pem', 'pkcs8'])(
    'the private key %s is refused, and no line of it comes back',
    (name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      const read = parseSshPublicKey(text)
      expect(read).toMatchObject({ ok: false, code: 'ssh_private_key' })
      for (const line of text.trim().split('\n')) expect(JSON.stringify(read)).not.toContain(line)
    },
  )

  test.each(['RFC4716', 'PKCS8', 'PEM'])('the public key as %s is refused with what to do', (format) => {
    const read = parseSshPublicKey(keygen('-e', '-m', format, '-f', 'pem.pub'))
    expect(read).toMatchObject({ ok: false, code: 'ssh_file_format' })
  })

  test('a certificate is refused', () => {
    expect(codeOf(readFileSync(join(folder, 'pem-cert.pub'), 'utf8'))).toBe('ssh_certificate')
  })
})
