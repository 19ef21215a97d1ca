import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const stepMs = 90_000

/** A program that the distribution has in a package. */
export interface WantedProgram<Program> {
  /** Packages that have it, the preferred first: the first that the distribution knows is taken. */
  readonly packages: readonly string[]
  /** Packages that belong to one of them, besides the libraries that it needs: `redis-tools` to `redis-server`. */
  readonly besides?: (name: string) => readonly string[]
  /** Runs it where it was unpacked, to see that it works. Undefined: it does not. A file of that name alone proves nothing. */
  readonly tryIn: (unpacked: Unpacked) => Program | undefined
}

/** Where packages were unpacked. */
export interface Unpacked {
  /** Stands for `/`. */
  readonly root: string
  /** Folders of libraries, for `LD_LIBRARY_PATH`; undefined where the packages brought none. */
  readonly libraryPath: string | undefined
}

/** The program that an earlier `fetchProgram` left in this cache, if it still runs. */
export function findProgram<Program>(wanted: WantedProgram<Program>, cacheDir: string): Program | undefined {
  return tryIn(wanted, join(cacheDir, systemName()))
}

/**
 * Gets a program of the distribution into a private folder: its packages and the libraries that the system lacks are downloaded and
 * unpacked, none is installed, and neither root nor the system's package state is needed. About 3 s. Answers with the program, or why there is
 * none; `onFetch` is called before the slow part.
 */
export async function fetchProgram<Program>(
  wanted: WantedProgram<Program>,
  cacheDir: string,
  onFetch: () => void = () => {},
): Promise<Program | { unavailable: string }> {
  if (!(await run('apt-get', ['--version']))?.ok || !(await run('dpkg', ['--version']))?.ok) {
    return { unavailable: 'this system has no apt-get to fetch one with' }
  }
  onFetch()
  const work = join(cacheDir, `.new-${process.pid}-${Date.now()}`)
  try {
    const lacking = await unpackInto(work, wanted)
    if (lacking !== undefined) return { unavailable: lacking }
    const home = join(cacheDir, systemName())
    // Another process may have been faster; its folder is as good, unless what is there no longer runs.
    const rival = tryIn(wanted, home)
    if (rival) return rival
    rmSync(home, { recursive: true, force: true })
    renameSync(join(work, 'root'), home)
    return tryIn(wanted, home) ?? { unavailable: 'the program of the distribution does not run here' }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Fills `work/root`. Answers with what went wrong, or nothing. */
async function unpackInto<Program>(work: string, wanted: WantedProgram<Program>): Promise<string | undefined> {
  for (const dir of ['lists/partial', 'apt/archives/partial', 'deb', 'root'])
    mkdirSync(join(work, dir), { recursive: true })
  const options = aptOptions(work)
  const updated = await run('apt-get', [...options, 'update'], work)
  if (!updated?.ok) return `the package lists could not be fetched${lastLine(updated?.said)}`
  for (const name of wanted.packages) {
    const names = await closure(name, wanted.besides?.(name) ?? [], options)
    if (names.length === 0) continue
    const fetched = await download(names, options, join(work, 'deb'))
    if (fetched !== undefined) return `${name} could not be fetched${lastLine(fetched)}`
    for (const file of readdirSync(join(work, 'deb'))) {
      const unpacked = await run('dpkg', ['-x', join(work, 'deb', file), join(work, 'root')])
      if (!unpacked?.ok) return `${file} could not be unpacked${lastLine(unpacked?.said)}`
    }
    return tryIn(wanted, join(work, 'root')) ? undefined : `${name} of this system does not run from a private folder`
  }
  return 'this system has no package of it'
}

function aptOptions(work: string): string[] {
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
  return ['-qq', ...settings.flatMap((setting) => ['-o', setting])]
}

const onlyDepends = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'].map(
  (kind) => `--no-${kind}`,
)

/** The package, those besides it, and the libraries and their data that these need and the system lacks; never the C library itself. */
async function closure(name: string, besides: readonly string[], options: readonly string[]): Promise<string[]> {
  const shown = await run('apt-cache', [...options, 'show', '--no-all-versions', name, ...besides])
  const known = [name, ...besides].filter((one) => shown?.said.includes(`Package: ${one}\n`))
  if (known[0] !== name) return []
  const needed = await run('apt-cache', [...options, 'depends', '--recurse', ...onlyDepends, ...known])
  const installed = await run('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Package}\n'])
  const has = new Set(installed?.said.split('\n').map((line) => line.replace(/^installed /, '')))
  // A line that begins with a letter names a package; what depends on what is indented, what is only virtual in brackets.
  const all = [...(needed?.said ?? '').matchAll(/^[a-z0-9][a-z0-9.+-]*/gm)].map(([one]) => one)
  const libraries = all.filter((one) => /^lib|-common$/.test(one) && one !== 'libc6' && !has.has(one))
  return [...new Set([...known, ...libraries])]
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

function tryIn<Program>(wanted: WantedProgram<Program>, root: string): Program | undefined {
  const roots = [join(root, 'usr', 'lib'), join(root, 'lib')].filter(existsSync)
  const triplets = roots.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(dir, name)),
  )
  return wanted.tryIn({ root, libraryPath: triplets.join(':') || undefined })
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
