// The door of the house: `node infra/run.mjs start|demo|test|verify|bench|portcullis [arguments]`, on a machine that has only Node 18 and npm.
// Gets the pinned pnpm, installs the dependencies, and runs infra/tasks/<task>.ts on the pinned Node. Plain Node, no dependency.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const tasks = ['start', 'demo', 'test', 'verify', 'bench', 'portcullis']
const taskNodeMajor = 24
const stampFile = join(root, 'node_modules', '.portcullis.json')
const lockFile = join(root, '.data', 'install.lock')
const bin = join(root, 'node_modules', '.bin')

/** The process that runs now; signals go to it. */
let current

class Stop extends Error {}

async function main() {
  const [task = '', ...rest] = process.argv.slice(2)
  const file = join(root, 'infra', 'tasks', `${task}.ts`)
  if (!tasks.includes(task)) throw new Stop(`Usage: node infra/run.mjs ${tasks.join('|')} [arguments]`)
  if (!existsSync(file)) throw new Stop(`There is no task ${task} yet.`)
  if (Number(process.versions.node.split('.')[0]) < 18)
    throw new Stop(`This needs Node 18 or newer; this is ${process.version}.`)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passOn(signal))
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && !stopping && passOn('SIGTERM'), 250).unref()

  const pnpm = await prepare()
  const path = [bin, dirname(pnpm), process.env.PATH].join(delimiter)
  const env = { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  // Detached: Ctrl-C of a terminal comes once, through here.
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env, detached: true }
  return run(findNode(), ['--conditions=@portcullis/source', file, ...rest], options)
}

/** Makes sure that the dependencies are those of the lockfile. Answers with the path of pnpm. */
async function prepare() {
  const known = findInstalled()
  if (known) return known
  const release = await takeLock()
  try {
    const meanwhile = findInstalled()
    if (meanwhile) return meanwhile
    const pnpm = await getPnpm()
    await install(pnpm)
    writeFileSync(stampFile, JSON.stringify({ tree: describeTree(), pnpm }))
    return pnpm
  } finally {
    release()
  }
}

/** The pnpm of the last install, if nothing that an install depends on has changed since. */
function findInstalled() {
  try {
    const { tree, pnpm } = JSON.parse(readFileSync(stampFile, 'utf8'))
    return tree === describeTree() && existsSync(pnpm) ? pnpm : undefined
  } catch {
    return undefined
  }
}

/** The pinned pnpm: the one on PATH where it is that version, else npm fetches it into its own cache. */
async function getPnpm() {
  const want = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager.split('+')[0]
  // Outside the repository pnpm tells its own version and does not try to become the pinned one.
  const elsewhere = { cwd: dirname(root), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
  const have = spawnSync('pnpm', ['--version'], elsewhere)
  if (have.status === 0 && have.stdout.trim() === want.split('@')[1]) {
    const where = spawnSync('sh', ['-c', 'command -v pnpm'], elsewhere).stdout.trim()
    if (where !== '') return where
  }
  say(`getting ${want.replace('@', ' ')}`)
  const patience = impatient('--fetch-retries', '--fetch-retry-mintimeout', '--fetch-retry-maxtimeout')
  const words = [...patience, '--yes', '--loglevel=error', '--package', want, '--call', 'command -v pnpm']
  const got = await capture('npx', words, { cwd: dirname(root) })
  const path = got.out.trim().split('\n').pop() ?? ''
  const why = `${want} could not be fetched. ${away}`
  if (got.code !== 0 || !existsSync(path)) throw new Stop(`${why}\n${tail(got.err || got.out)}`)
  return path
}

/** A network that is away is told within seconds, not after minutes of silent retries. */
const impatient = (retries, leastMs, mostMs) => [`${retries}=2`, `${leastMs}=1000`, `${mostMs}=4000`]

const away = 'Is the network up, and can npm reach its registry (npm ping)? Then run the same command again.'

async function install(pnpm) {
  const began = Date.now()
  say('installing dependencies (the first time takes a while)')
  const retries = ['fetchRetries', 'fetchRetryMintimeout', 'fetchRetryMaxtimeout'].map((name) => `--config.${name}`)
  const words = [
    'install',
    '--frozen-lockfile',
    '--reporter=append-only',
    '--config.confirmModulesPurge=false',
    ...impatient(...retries),
  ]
  const told = teller()
  const env = { ...process.env, PATH: [dirname(pnpm), process.env.PATH].join(delimiter) }
  const got = await capture(pnpm, words, { cwd: root, env }, (text) => {
    const line = text.match(/Progress: .*/g)?.pop()
    if (line) told(line)
  })
  told()
  if (got.code !== 0) {
    const network = /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|ECONNRESET|META_FETCH|dns error|error sending request/i
    const why = network.test(got.out + got.err) ? ` ${away}` : ''
    throw new Stop(`The dependencies could not be installed.${why}\n${tail(`${got.err}\n${got.out}`)}`)
  }
  say(`dependencies are there, after ${((Date.now() - began) / 1000).toFixed(1)} s`)
}

/** Shows progress: over itself on a terminal, else a plain line now and then. Called with nothing, it ends its line. */
function teller() {
  let shownAt = Date.now()
  let open = false
  return (line) => {
    if (line === undefined) return open && process.stderr.write('\n')
    if (process.stderr.isTTY) {
      open = true
      return process.stderr.write(`\r\u001b[K  ${line.slice(0, 100)}`)
    }
    if (Date.now() - shownAt < 5_000) return
    shownAt = Date.now()
    process.stderr.write(`  ${line}\n`)
  }
}

/** The Node of the lockfile; where there is none for this system, the one that runs this, if it is new enough. */
function findNode() {
  for (const node of [join(bin, 'node'), process.execPath]) {
    const said = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? ''
    if (Number(/^v(\d+)/.exec(said)?.[1]) >= taskNodeMajor) return node
  }
  const here = `${process.platform}-${process.arch}`
  throw new Stop(
    `There is no pinned Node for ${here}, and this is ${process.version}. Install Node ${taskNodeMajor} or newer.`,
  )
}

/** What an install depends on, as one hash; undefined where a package has lost its node_modules. */
function describeTree() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  const patches = join(root, 'infra', 'patches')
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].map((name) => join(root, name))
  if (existsSync(patches))
    files.push(
      ...readdirSync(patches)
        .sort()
        .map((name) => join(patches, name)),
    )
  for (const dir of workspaceDirs()) {
    const file = join(dir, 'package.json')
    if (!existsSync(file)) continue
    if (/ependencies"/.test(readFileSync(file, 'utf8')) && !existsSync(join(dir, 'node_modules'))) return undefined
    files.push(file)
  }
  for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function workspaceDirs() {
  const list = /^packages: \[(.*)\]$/m.exec(readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8'))?.[1] ?? ''
  const entries = list.split(',').map((entry) => entry.trim().replace(/^['"]|['"]$/g, ''))
  const inside = (dir) =>
    existsSync(dir)
      ? readdirSync(dir)
          .sort()
          .map((name) => join(dir, name))
      : []
  return entries.flatMap((entry) =>
    entry.endsWith('/*') ? inside(join(root, entry.slice(0, -2))) : [join(root, entry)],
  )
}

/** One install at a time: waits while another run of this file, still alive, is at it. */
async function takeLock() {
  mkdirSync(dirname(lockFile), { recursive: true, mode: 0o700 })
  for (let told = false; ;) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' })
      const release = () => rmSync(lockFile, { force: true })
      process.once('exit', release)
      return release
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!lockIsHeld()) rmSync(lockFile, { force: true })
    else if (!told) told = say('waiting for another run that is installing')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function lockIsHeld() {
  try {
    const pid = Number(readFileSync(lockFile, 'utf8'))
    // Just made and not yet written counts as held.
    if (pid === 0) return Date.now() - statSync(lockFile).mtimeMs < 2_000
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function capture(command, words, options, hear = () => {}) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    current = child
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => hear(text, (said.out += text)))
    child.stderr.setEncoding('utf8').on('data', (text) => hear(text, (said.err += text)))
    child.once('error', (error) => resolve({ code: 127, out: '', err: error.message }))
    child.once('close', (code) => resolve({ code: code ?? 1, ...said }))
  })
}

function run(command, words, options) {
  return new Promise((resolve, reject) => {
    current = spawn(command, words, options)
    current.once('error', reject)
    current.once('exit', (code, signal) => resolve(signal ? 1 : (code ?? 1)))
  })
}

let stopping = false

function passOn(signal) {
  if (current?.exitCode !== null || current.signalCode !== null) process.exit(1)
  if (current.spawnargs.includes('--frozen-lockfile') && !stopping) say('stopping')
  stopping = true
  current.kill(signal)
}

/** The end of what a tool said, without its warnings about retries where it says anything else. */
function tail(text, lines = 12) {
  const all = text.trim().split('\n')
  const telling = all.filter((line) => !/will retry|retries left|^\s*\[?WARN/i.test(line))
  const shown = (telling.length > 0 ? telling : all).slice(-lines)
  return shown.map((line) => `  ${line.slice(0, 300)}`).join('\n')
}

function say(line) {
  process.stderr.write(`portcullis: ${line}\n`)
  return true
}

main().then(
  (code) => process.exit(code),
  (error) => {
    if (stopping) process.exit(1)
    say(error instanceof Stop ? error.message : (error.stack ?? String(error)))
    process.exit(1)
  },
)
