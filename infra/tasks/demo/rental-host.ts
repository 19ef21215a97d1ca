import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { spawnTied, stop, type TiedProcess } from '@portcullis/local/child'
import { freePort } from '@portcullis/local/free-port'
import { root } from '@portcullis/local/root'
import type { Keep } from '../house.ts'
import { until } from './wait.ts'

const sshd = '/usr/sbin/sshd'

/** A rented server with OpenSSH, set up as `infra/sshd` tells an operator to. */
export interface RentalHost {
  /** Makes a pair with ssh-keygen, unless it is there, and gives the public half. */
  makeKey(name: string): string
  /** Tries to log in with a key and run a command. */
  enter(name: string): Promise<{ readonly opened: boolean; readonly said: string }>
  /** Fetches the list of revoked keys, as its timer does every minute. */
  fetchRevoked(): Promise<void>
}

/** Why there can be no real sshd here; `undefined`: there can. */
export function whyNoSshd(): string | undefined {
  for (const [program, argument] of [
    [sshd, '-?'],
    ['ssh', '-V'],
    ['ssh-keygen', '-?'],
    ['curl', '--version'],
  ] as const)
    if (spawnSync(program, [argument], { stdio: 'ignore' }).error) return `${program} is not installed`
  // It runs the command that fetches keys only where the file is root's.
  return process.getuid?.() === 0 ? undefined : 'sshd runs AuthorizedKeysCommand only from a file of root'
}

/** Starts it. `token` is the rental's. */
export async function openRentalHost(
  gateway: string,
  rental: { readonly id: string; readonly token: string },
  keep: Keep,
): Promise<RentalHost> {
  // Not below /tmp: sshd runs no command whose folders others may write to.
  const folder = mkdtempSync('/run/portcullis-demo-')
  chmodSync(folder, 0o755)
  keep('rented server', async () => rmSync(folder, { recursive: true, force: true }))
  writeHelpers(folder, gateway, rental)
  const fetchRevoked = async () => {
    const { code, error } = await run(join(folder, 'revoked-keys.sh'), [join(folder, 'config')])
    if (code !== 0) throw new Error(`the rented server got no list of revoked keys: ${error}`)
  }
  await fetchRevoked()
  makeKey(folder, 'host')
  const port = await freePort()
  const server = startSshd(folder, port)
  keep('sshd', async () => void (await stop(server)))
  await until('sshd answers', () => greets(port))
  return {
    makeKey: (name) => makeKey(folder, name),
    enter: (name) => enter(folder, port, name),
    fetchRevoked,
  }
}

async function enter(folder: string, port: number, name: string): Promise<{ opened: boolean; said: string }> {
  const options = ['BatchMode=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'IdentitiesOnly=yes']
  const words = [...options, 'LogLevel=ERROR'].flatMap((option) => ['-o', option])
  const where = ['-i', join(folder, name), '-p', String(port), 'root@127.0.0.1', 'echo a shell']
  const { code, out, error } = await run('ssh', ['-F', 'none', ...words, ...where])
  const refusal = /Permission denied[^\r\n]*/.exec(error)?.[0]
  // Whatever else keeps it shut, such as a server that is not there, proves nothing.
  if (code !== 0 && refusal === undefined) throw new Error(`ssh failed: ${error.trim().slice(0, 200)}`)
  return { opened: code === 0 && out === 'a shell\n', said: refusal ?? out.trim() }
}

function makeKey(folder: string, name: string): string {
  const words = ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]
  const made = spawnSync('ssh-keygen', words, { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`ssh-keygen made no key: ${made.stderr}`)
  return readFileSync(join(folder, `${name}.pub`), 'utf8').trim()
}

/** Puts the helpers where an operator would, as an operator would. */
function writeHelpers(folder: string, gateway: string, rental: { readonly id: string; readonly token: string }): void {
  for (const name of ['authorized-keys.sh', 'revoked-keys.sh']) {
    copyFileSync(join(root, 'infra/sshd', name), join(folder, name))
    chmodSync(join(folder, name), 0o755)
  }
  // sshd runs the helper as nobody; the folder goes with the demo.
  writeFileSync(join(folder, 'token'), `${rental.token}\n`, { mode: 0o644 })
  const settings = [
    `PORTCULLIS_URL=${gateway}`,
    `PORTCULLIS_RENTAL=${rental.id}`,
    `PORTCULLIS_TOKEN_FILE=${folder}/token`,
    'PORTCULLIS_USERS="root"',
    `PORTCULLIS_KRL=${folder}/revoked-keys.krl`,
  ]
  writeFileSync(join(folder, 'config'), `${settings.join('\n')}\n`, { mode: 0o644 })
}

/** Starts sshd with the lines that an operator is given; only paths and the user are the demo's. */
function startSshd(folder: string, port: number): TiedProcess {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const given = readFileSync(join(root, 'infra/sshd/50-portcullis.conf'), 'utf8')
    .replace('/usr/local/libexec/portcullis', folder)
    .replace('/etc/portcullis/sshd.conf', `${folder}/config`)
    .replace('/var/lib/portcullis', folder)
    .replace('AuthorizedKeysCommandUser portcullis-keys', 'AuthorizedKeysCommandUser nobody')
  const loopback = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    'PidFile none',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
  ]
  const conf = join(folder, 'sshd_config')
  writeFileSync(conf, `${loopback.join('\n')}\n${given}`)
  return spawnTied(sshd, ['-D', '-e', '-f', conf])
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly error: string
}

function run(program: string, words: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { timeout: 15_000 }, (_error, out, error) =>
      resolve({ code: child.exitCode ?? -1, out, error }),
    )
  })
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
