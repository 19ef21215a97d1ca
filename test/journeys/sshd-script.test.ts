import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'portcullis-sshd-script-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const script = (name: string) => fileURLToPath(new URL(`../../infra/sshd/${name}`, import.meta.url))
const haveTools = ['curl', 'ssh-keygen'].every((tool) => spawnSync(tool, ['--version']).error === undefined)

const line = `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea portcullis:ssh_${'0a'.repeat(16)}`
const token = `prt_${'Ab-_'.repeat(10)}abc`
let server: Server
let answer: RequestListener = (_request, response) => void response.end()
let asked: string[] = []

beforeEach(async () => {
  asked = []
  server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
})

describe.skipIf(!haveTools)('authorized-keys.sh', () => {
  it('prints the lines that it is given, and asks with the token of its file', async () => {
    say(200, `${line}\n${line}\n`)
    expect(await keys()).toMatchObject({ code: 0, out: `${line}\n${line}\n` })
    expect(asked).toEqual([`/v1/rentals/srv-1/authorized-keys?user=root Bearer ${token}`])
  })

  it('prints nothing where there is no key, and nothing is wrong', async () => {
    say(200, '')
    expect(await keys()).toMatchObject({ code: 0, out: '' })
  })

  it.each([
    ['options', `command="id" ${line}`],
    ['an authority', `cert-authority ${line}`],
    ['a comment that is not ours', line.replace('portcullis:', 'ada@')],
    ['more behind the comment', `${line} x`],
    ['a CR', `${line}\r`],
    ['a type that is not taken', line.replace('ssh-ed25519', 'ssh-dss')],
    ['a certificate', line.replace('ssh-ed25519', 'ssh-ed25519-cert-v01@openssh.com')],
    ['an empty line between', `${line}\n\n${line}`],
    ['JSON', '{"status":200}'],
    ['a page', '<html>200</html>'],
    ['a second line that is bad', `${line}\nssh-ed25519 x portcullis:y`],
  ])('prints nothing and fails on %s', async (_what, text) => {
    say(200, `${text}\n`)
    expect(await keys()).toMatchObject({ code: 1, out: '' })
  })

  it.each([201, 204, 302, 401, 404, 500])('prints nothing and fails on status %i', async (status) => {
    answer = (_request, response) => {
      response.writeHead(status, { location: '/elsewhere' })
      response.end(status === 204 ? undefined : `${line}\n`)
    }
    expect(await keys()).toMatchObject({ code: 1, out: '' })
    expect(asked).toHaveLength(1)
  })

  it('prints nothing and fails within four seconds where no answer comes, or half of one', async () => {
    for (const begin of ['', `${line}\n`]) {
      answer = (_request, response) => {
        response.writeHead(200, { 'content-length': '500' })
        if (begin !== '') response.write(begin)
      }
      const begun = performance.now()
      expect(await keys()).toMatchObject({ code: 1, out: '' })
      expect(performance.now() - begun).toBeLessThan(4500)
    }
  }, 20_000)

  it('prints nothing and fails where nobody answers', async () => {
    expect(await keys({ url: 'http://127.0.0.1:1' })).toMatchObject({ code: 1, out: '' })
  })

  it.each(['', 'ada', 'root ada', '-root', 'ro*t', 'root&x=1', '..', '$(id)'])(
    'asks for nobody as user %j',
    async (user) => {
      say(200, `${line}\n`)
      expect(await keys({ user })).toMatchObject({ code: 1, out: '' })
      expect(asked).toEqual([])
    },
  )

  it.each(['pcs_abc', 'prt_', 'prt_a"b', 'prt_a b', ''])('sends no token that is none: %j', async (wrong) => {
    say(200, `${line}\n`)
    expect((await keys({ token: wrong })).out).toBe('')
    expect(asked).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'tells the token to no other user of the machine: it is no argument',
    async () => {
      let seen: string[] = []
      answer = (_request, response) => {
        seen = commandLines()
        response.end(`${line}\n`)
      }
      expect((await keys()).code).toBe(0)
      expect(seen.some((command) => command.includes('/authorized-keys?user=root'))).toBe(true)
      expect(seen.filter((command) => command.includes(token))).toEqual([])
    },
  )

  it('does not send the token over plain HTTP to another machine', async () => {
    expect(await keys({ url: 'http://account.example.com' })).toMatchObject({ code: 1, out: '' })
  })
})

describe.skipIf(!haveTools)('revoked-keys.sh', () => {
  it('puts the list in place, whole, and leaves nothing beside it', async () => {
    const list = emptyList()
    sayBytes(200, list)
    const { code, home } = await lists()
    expect([code, readFileSync(join(home, 'list.krl'))]).toEqual([0, list])
    expect(readdirSync(home).toSorted()).toEqual(['config', 'list.krl', 'token'])
    expect(asked).toEqual([`/v1/ssh/revoked-keys.krl Bearer ${token}`])
  })

  it.each<[string, number, Buffer]>([
    ['no KRL', 200, Buffer.from(`${line}\n`)],
    ['an empty answer', 200, Buffer.alloc(0)],
    ['a cut KRL', 200, Buffer.from('SSHKRL\n\0\0\0\0\x01')],
    ['a refusal', 401, Buffer.alloc(0)],
    ['another status', 203, Buffer.from('SSHKRL')],
  ])('leaves the list that is there on %s', async (_what, status, bytes) => {
    sayBytes(status, bytes)
    const { code, home } = await lists('the old list')
    expect([code, readFileSync(join(home, 'list.krl'), 'utf8')]).toEqual([1, 'the old list'])
    expect(readdirSync(home).toSorted()).toEqual(['config', 'list.krl', 'token'])
  })
})

interface Ran {
  readonly code: number
  readonly out: string
  readonly home: string
}

function say(status: number, text: string): void {
  sayBytes(status, Buffer.from(text))
}

function sayBytes(status: number, bytes: Buffer): void {
  answer = (_request, response) => {
    response.writeHead(status)
    response.end(bytes)
  }
}

/** What every user of the machine can read of every process. */
function commandLines(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')]
    } catch {
      return []
    }
  })
}

function emptyList(): Buffer {
  const file = join(folder, 'empty.krl')
  expect(spawnSync('ssh-keygen', ['-k', '-f', file]).status).toBe(0)
  return readFileSync(file)
}

function keys(given: { user?: string; token?: string; url?: string } = {}): Promise<Ran> {
  const home = configure(given)
  return run('authorized-keys.sh', [join(home, 'config'), given.user ?? 'root'], home)
}

function lists(old?: string): Promise<Ran> {
  const home = configure({})
  if (old !== undefined) writeFileSync(join(home, 'list.krl'), old)
  return run('revoked-keys.sh', [join(home, 'config')], home)
}

function configure(given: { token?: string; url?: string }): string {
  const home = mkdtempSync(join(folder, 'host-'))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  writeFileSync(join(home, 'token'), `${given.token ?? token}\n`)
  writeFileSync(
    join(home, 'config'),
    [
      `PORTCULLIS_URL=${given.url ?? `http://127.0.0.1:${port}`}`,
      'PORTCULLIS_RENTAL=srv-1',
      `PORTCULLIS_TOKEN_FILE=${home}/token`,
      'PORTCULLIS_USERS="root"',
      `PORTCULLIS_KRL=${home}/list.krl`,
    ].join('\n'),
  )
  return home
}

function run(name: string, args: string[], home: string): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(script(name), args, (_error, out) => resolve({ code: child.exitCode ?? -1, out, home }))
  })
}
