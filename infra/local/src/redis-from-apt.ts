import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type RedisProgram, tryProgram } from './redis-program.ts'

const stepMs = 90_000
const serverPackages = ['redis-server', 'valkey-server']

/** The program that an earlier `fetchFromApt` left in this cache, if it still runs. */
export function findInCache(cacheDir: string): RedisProgram | undefined {
  return findUnder(join(cacheDir, systemName()))
}

/**
 * Gets the distribution's own Redis (or Valkey) into a private folder: packages are downloaded and unpacked, none is installed,
 * and neither root nor the system's package state is needed. About 3 s and 7 MB. Answers with the program, or why there is none; `onFetch` is called
 * before the slow part.
 */
export async function fetchFromApt(
  cacheDir: string,
  onFetch: () => void = () => {},
): Promise<RedisProgram | { unavailable: string }> {
  if (!(await run('apt-get', ['--version']))?.ok || !(await run('dpkg', ['--version']))?.ok) {
    return { unavailable: 'this system has no apt-get to fetch one with' }
  }
  onFetch()
  const work = join(cacheDir, `.new-${process.pid}-${Date.now()}`)
  try {
    const lacking = await unpackInto(work)
    if (lacking !== undefined) return { unavailable: lacking }
    const home = join(cacheDir, systemName())
    // Another process may have been faster; its folder is as good, unless what is there no longer runs.
    const rival = findUnder(home)
    if (rival) return rival
    rmSync(home, { recursive: true, force: true })
    renameSync(join(work, 'root'), home)
    return findUnder(home) ?? { unavailable: 'the program of the distribution does not run here' }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Fills `work/root`. Answers with what went wrong, or nothing. */
async function unpackInto(work: string): Promise<string | undefined> {
  for (const dir of ['lists/partial', 'apt/archives/partial', 'deb', 'root'])
    mkdirSync(join(work, dir), { recursive: true })
  const settings = [
    `Dir::State::lists=${work}/lists`,
    `Dir::Cache=${work}/apt`,
    // Without these two apt wants to be root, and the system's locks.
    'APT::Sandbox::User=root',
    'Debug::NoLocking=1',
    // A list that cannot be fetched is an error, not a warning.
    'APT::Update::Error-Mode=any',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=15',
    'Acquire::https::Timeout=15',
    'Acquire::Languages=none',
  ]
  const options = ['-qq', ...settings.flatMap((setting) => ['-o', setting])]
  const updated = await run('apt-get', [...options, 'update'], work)
  if (!updated?.ok) return `the package lists could not be fetched${lastLine(updated?.said)}`
  for (const server of serverPackages) {
    const names = await closure(server, options)
    if (names.length === 0) continue
    const fetched = await download(names, options, join(work, 'deb'))
    if (fetched !== undefined) return `${server} could not be fetched${lastLine(fetched)}`
    for (const file of readdirSync(join(work, 'deb'))) {
      const unpacked = await run('dpkg', ['-x', join(work, 'deb', file), join(work, 'root')])
      if (!unpacked?.ok) return `${file} could not be unpacked${lastLine(unpacked?.said)}`
    }
    return findUnder(join(work, 'root')) ? undefined : `${server} of this system does not run from a private folder`
  }
  return 'this system has no package of it'
}

/** The server's package, its sibling that holds the program, and the libraries these name; never the C library itself. */
async function closure(server: string, options: readonly string[]): Promise<string[]> {
  const tools = server.replace('server', 'tools')
  const shown = await run('apt-cache', [...options, 'show', '--no-all-versions', server, tools])
  if (!shown?.said.includes(`Package: ${server}`)) return []
  const depends = [...shown.said.matchAll(/^(?:Pre-)?Depends: (.+)$/gm)].flatMap((match) => (match[1] ?? '').split(','))
  const names = depends.map((entry) => entry.split('|')[0]?.trim().split(/[\s:]/)[0] ?? '')
  const libraries = names.filter((name) => name.startsWith('lib') && name !== 'libc6')
  return [...new Set([server, ...(shown.said.includes(`Package: ${tools}`) ? [tools] : []), ...libraries])]
}

/** Nothing when the packages are there, else what apt said. Libraries may lack: the program is tried at the end anyway. */
async function download(
  names: readonly string[],
  options: readonly string[],
  dir: string,
): Promise<string | undefined> {
  const all = await run('apt-get', [...options, 'download', ...names], dir)
  if (all?.ok) return undefined
  // A name that only this release does not know fails the whole call, so each is asked for by itself.
  for (const [at, name] of names.entries()) {
    const got = await run('apt-get', [...options, 'download', name], dir)
    if (!got?.ok && at === 0) return got?.said ?? ''
  }
  return undefined
}

function findUnder(home: string): RedisProgram | undefined {
  const roots = [join(home, 'usr', 'lib'), join(home, 'lib')].filter(existsSync)
  const triplets = roots.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(dir, name)),
  )
  const libraryPath = triplets.join(':') || undefined
  for (const name of serverPackages) {
    const found = tryProgram(join(home, 'usr', 'bin', name), libraryPath)
    if (found) return found
  }
  return undefined
}

/** A program built for one release need not run on the next: each release has its own folder in the cache. */
function systemName(): string {
  let release = ''
  try {
    release = readFileSync('/etc/os-release', 'utf8')
  } catch {
    // Without that file the name is less exact, and the program is tried before it is used anyway.
  }
  const field = (name: string) => new RegExp(`^${name}="?([\\w.-]+)`, 'm').exec(release)?.[1] ?? 'unknown'
  return `${field('ID')}-${field('VERSION_ID')}-${process.arch}`
}

function lastLine(said = ''): string {
  const line = said.trim().split('\n').at(-1)
  return line ? ` (${line.slice(0, 200)})` : ''
}

function run(command: string, args: readonly string[], cwd = '/'): Promise<{ ok: boolean; said: string } | undefined> {
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: stepMs })
    let said = ''
    const hear = (chunk: Buffer) => void (said += chunk.toString('utf8'))
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', () => resolve(undefined))
    child.once('close', (code) => resolve({ ok: code === 0, said }))
  })
}
