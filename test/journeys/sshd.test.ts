import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@portcullis/client/create-client'
import { formatId } from '@portcullis/contracts/ids'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { createPasswordHasher } from '@portcullis/domain/password/hash'
import { freePort } from '@portcullis/local/free-port'
import { makeAccount, type MadeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'

const sshd = '/usr/sbin/sshd'

/** An SSH server that nobody here wrote: Debian's OpenSSH. It needs root for its users, and is installed only in CI. */
function haveSshd(): boolean {
  if (process.getuid?.() !== 0) return false
  if (spawnSync(sshd, ['-?']).error === undefined) return true
  if (process.env['CI'] !== 'true') return false
  const install =
    'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends openssh-server openssh-client curl'
  return spawnSync('sh', ['-c', install]).status === 0 && spawnSync(sshd, ['-?']).error === undefined
}

const password = 'Correct-Horse-7-Battery'
const rentalId = 'srv-journey'

describe.skipIf(!haveSshd())('with OpenSSH as the server of a rented machine', () => {
  let house: House
  let server: ChildProcess | undefined
  let folder = ''
  let port = 0
  let owner: MadeAccount
  let session: Client
  let product: Client
  let rentalToken = ''

  beforeAll(async () => {
    // Not below /tmp: sshd runs no command whose folders others may write to.
    folder = mkdtempSync('/run/portcullis-sshd-')
    chmodSync(folder, 0o755)
    house = await openHouse({ services: ['gateway'] })
    const hasher = createPasswordHasher({ atOnceMost: 1, queueMost: 1 })
    owner = await makeAccount(house.database, { passwordHash: await hasher.hash(password) })
    product = house.client((await createApiClient(house.database, { name: 'shop', scopes: ['rentals:write'] })).secret)
    const login = await house.client().createSession({ body: { email: owner.email, password } })
    if (login.status !== 201) throw new Error('no second step is due')
    session = house.client(login.body.token)
    const rental = { accountId: formatId('account', owner.id), host: '127.0.0.1' }
    rentalToken = (await product.startRental({ params: { id: rentalId }, body: rental })).body.rentalToken ?? ''
    installHelpers(folder, house.gateway, rentalToken)
    await run(join(folder, 'revoked-keys.sh'), [join(folder, 'config')])
    port = await freePort()
    server = await startSshd(folder, port)
  })

  afterAll(async () => {
    server?.kill('SIGTERM')
    await house?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('a key that its owner adds opens a shell, and is told as deployed; one that was never added does not', async () => {
    await addKey('laptop')
    expect(await shell('laptop')).toMatchObject({ code: 0, out: 'in\n' })
    expect(await deployment('laptop')).toMatchObject([{ rentalId, state: 'deployed', confirmedAt: expect.any(String) }])
    makeKey(folder, 'stranger')
    expect(await shell('stranger')).toMatchObject({ code: 255, out: '' })
  })

  it('a revoked key is refused at the next connection, and its withdrawal is confirmed', async () => {
    const id = await addKey('revoked')
    expect((await shell('revoked')).out).toBe('in\n')
    expect((await session.revokeSshKey({ params: { id } })).status).toBe(204)
    const refused = await shell('revoked')
    expect([refused.code, refused.out]).toEqual([255, ''])
    expect(refused.error).toContain('Permission denied (publickey)')
    const rows = await house.database.sql`
      select state, confirmed_at is not null as confirmed from rental_keys join ssh_keys on id = ssh_key_id where name = 'revoked'`
    expect([...rows]).toEqual([{ state: 'withdrawn', confirmed: true }])
  })

  it('a revoked key is refused also where it was copied into a file, once the list was fetched', async () => {
    const id = await addKey('copied')
    writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'copied.pub')), { mode: 0o600 })
    await session.revokeSshKey({ params: { id } })
    expect((await shell('copied')).out, 'the file alone lets it in').toBe('in\n')
    expect((await run(join(folder, 'revoked-keys.sh'), [join(folder, 'config')])).code).toBe(0)
    expect((await shell('copied')).code).toBe(255)
    expect((await shell('laptop')).out).toBe('in\n')
  })

  it('ssh-keygen agrees with the list about every key', async () => {
    const list = join(folder, 'revoked-keys.krl')
    const asked = (name: string) => run('ssh-keygen', ['-Q', '-f', list, join(folder, `${name}.pub`)])
    for (const name of ['revoked', 'copied'])
      expect(await asked(name)).toMatchObject({ code: 1, out: expect.stringContaining('REVOKED') })
    for (const name of ['laptop', 'stranger'])
      expect(await asked(name)).toMatchObject({ code: 0, out: expect.stringContaining('ok') })
  })

  it('a client reads the same list and the same keys as the helpers on the host', async () => {
    const host = house.client(rentalToken)
    const list = await host.fetchRevokedKeys()
    expect(Buffer.from(list.body ?? []).equals(readFileSync(join(folder, 'revoked-keys.krl')))).toBe(true)
    const again = await host.fetchRevokedKeys({}, { headers: { 'if-none-match': list.headers.get('etag') ?? '' } })
    expect([again.status, again.body]).toEqual([304, null])
    const lines = await host.fetchAuthorizedKeys({ params: { id: rentalId }, query: { user: 'root' } })
    expect(lines.body).toBe((await run(join(folder, 'authorized-keys.sh'), [join(folder, 'config'), 'root'])).out)
    const stranger = house.client(`${rentalToken.slice(0, -1)}_`).fetchRevokedKeys()
    await expect(stranger).rejects.toMatchObject({ name: 'ProblemError', status: 401, code: undefined })
  })

  it('a locked account opens nothing, and opens again', async () => {
    await house.database.sql`update accounts set state = 'locked' where id = ${owner.id}`
    expect((await shell('laptop')).code).toBe(255)
    await house.database.sql`update accounts set state = 'active' where id = ${owner.id}`
    expect((await shell('laptop')).out).toBe('in\n')
  })

  it('a server that was given back lets nobody in', async () => {
    expect((await product.endRental({ params: { id: rentalId } })).status).toBe(204)
    expect((await shell('laptop')).code).toBe(255)
  })

  it('while Portcullis is away nobody is let in, and a refusal does not take long', async () => {
    await house.service('gateway').stop()
    const begun = performance.now()
    expect((await shell('laptop')).code).toBe(255)
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  async function addKey(name: string): Promise<string> {
    const publicKey = makeKey(folder, name)
    return (await session.addSshKey({ body: { name, publicKey } })).body.id
  }

  async function deployment(name: string): Promise<unknown> {
    return (await session.listSshKeys()).body.items.find((key) => key.name === name)?.deployments
  }

  function shell(name: string): Promise<Ran> {
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'IdentitiesOnly=yes',
      'LogLevel=ERROR',
    ]
    const more = options.flatMap((option) => ['-o', option])
    return run('ssh', [
      '-F',
      'none',
      ...more,
      '-i',
      join(folder, name),
      '-p',
      String(port),
      'root@127.0.0.1',
      'echo in',
    ])
  }
})

interface Ran {
  readonly code: number
  readonly out: string
  readonly error: string
}

function run(program: string, args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 20_000 }, (_error, out, error) =>
      resolve({ code: child.exitCode ?? -1, out, error }),
    )
  })
}

/** Makes a pair with OpenSSH's own program; returns the public half. */
function makeKey(folder: string, name: string): string {
  const made = spawnSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    `${name}@test`,
    '-f',
    join(folder, name),
  ])
  expect(made.status).toBe(0)
  return readFileSync(join(folder, `${name}.pub`), 'utf8')
}

/** Puts the helpers where an operator would, as an operator would. */
function installHelpers(folder: string, url: string, token: string): void {
  for (const name of ['authorized-keys.sh', 'revoked-keys.sh']) {
    copyFileSync(fileURLToPath(new URL(`../../infra/sshd/${name}`, import.meta.url)), join(folder, name))
    chmodSync(join(folder, name), 0o755)
  }
  writeFileSync(join(folder, 'token'), `${token}\n`, { mode: 0o644 })
  const settings = [
    `PORTCULLIS_URL=${url}`,
    `PORTCULLIS_RENTAL=${rentalId}`,
    `PORTCULLIS_TOKEN_FILE=${folder}/token`,
    'PORTCULLIS_USERS="root"',
    `PORTCULLIS_KRL=${folder}/revoked-keys.krl`,
  ]
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`, { mode: 0o644 })
}

/** Starts sshd with the lines that an operator is given; only paths, user and file of keys are the test's. */
async function startSshd(folder: string, port: number): Promise<ChildProcess> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  makeKey(folder, 'host')
  const given = readFileSync(fileURLToPath(new URL('../../infra/sshd/50-portcullis.conf', import.meta.url)), 'utf8')
  const own = given
    .replace('/usr/local/libexec/portcullis', folder)
    .replace('/etc/portcullis/sshd.conf', `${folder}/config`)
    .replace('/var/lib/portcullis', folder)
    .replace('AuthorizedKeysCommandUser portcullis-keys', 'AuthorizedKeysCommandUser nobody')
    .replace('AuthorizedKeysFile none', `AuthorizedKeysFile ${folder}/authorized_keys`)
  const conf = join(folder, 'sshd_config')
  const loopback = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    'PidFile none',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
  ]
  writeFileSync(conf, `${loopback.join('\n')}\n${own}`)
  const server = spawn(sshd, ['-D', '-e', '-f', conf], { stdio: 'ignore' })
  await until('sshd answers', () => greets(port))
  return server
}

function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes.toString().startsWith('SSH-2.0-'))
      socket.destroy()
    })
    socket.once('error', () => resolve(false))
  })
}
