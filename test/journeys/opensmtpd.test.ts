import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@portcullis/local/free-port'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'

/** A mail server that nobody here wrote: Debian's OpenSMTPD. It needs root for its users, and is installed only in CI. */
function haveOpenSmtpd(): boolean {
  if (process.getuid?.() !== 0) return false
  if (spawnSync('smtpd', ['-h']).error === undefined) return true
  if (process.env['CI'] !== 'true') return false
  const install =
    'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends opensmtpd'
  return spawnSync('sh', ['-c', install]).status === 0 && spawnSync('smtpd', ['-h']).error === undefined
}

const ready = haveOpenSmtpd()

describe.skipIf(!ready)('with OpenSMTPD as mail server', () => {
  let house: House | undefined
  let server: ChildProcess | undefined
  let folder = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-smtpd-'))
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'mail'), { mode: 0o777 })
    chmodSync(join(folder, 'mail'), 0o777)
    const port = await freePort()
    const conf = join(folder, 'smtpd.conf')
    writeFileSync(
      conf,
      [
        'table vusers { "@" = nobody }',
        `listen on 127.0.0.1 port ${port} hostname mail.example.com`,
        `action "keep" maildir "${folder}/mail" virtual <vusers>`,
        'match from any for domain "example.com" action "keep"',
      ].join('\n') + '\n',
      { mode: 0o644 },
    )
    server = spawn('smtpd', ['-d', '-f', conf], { stdio: 'ignore' })
    await until('OpenSMTPD answers', () => opens(port))
    house = await openHouse({ smtpUrl: `smtp://127.0.0.1:${port}` })
  })

  afterAll(async () => {
    await house?.close()
    server?.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  })

  it('a registration and a reset arrive in a maildir and open', async () => {
    if (!house) throw new Error('no house')
    const email = 'maildir@example.com'
    const password = 'Correct-Horse-7-Battery'
    const client = house.client()
    await client.registerAccount({ body: { email, password, name: 'Grace Example' } })
    const confirm = await mail('confirm-email')
    expect((await client.verifyEmail({ body: { token: tokenOf(confirm.text) } })).status).toBe(204)
    await client.requestPasswordReset({ body: { email } })
    const reset = await mail('password-reset')
    expect(reset.headers['auto-submitted']).toBe('auto-generated')
    const body = { token: tokenOf(reset.text), password: 'Another-Fine-9-Day' }
    const done = await client.completePasswordReset({ body })
    expect(done.status).toBe(204)
    await mail('notice')
  })

  /** The newest mail of a kind; files of one second are in no order. */
  async function mail(kind: string): Promise<{ text: string; headers: Record<string, string> }> {
    return until(`a mail of kind ${kind} in the maildir`, async () => {
      const box = join(folder, 'mail', 'new')
      for (const file of list(box)) {
        const parsed = await PostalMime.parse(readFileSync(join(box, file)))
        const headers = Object.fromEntries(parsed.headers.map((header) => [header.key, header.value]))
        if (headers['message-id']?.startsWith(`<${kind}.`)) return { text: parsed.text ?? '', headers }
      }
      return undefined
    })
  }
})

function tokenOf(text: string): string {
  return /#token=([\w-]+)/.exec(text)?.[1] ?? ''
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      resolve(true)
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
  })
}
