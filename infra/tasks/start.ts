import { watchParent } from '@portcullis/local/parent'
import { dataDir } from '@portcullis/local/root'
import { type Run, readRunFile, removeRunFile, writeRunFile } from '@portcullis/local/run-file'
import { type Ground, type Keep, layGround } from './house.ts'
import { say, step } from './progress.ts'
import { takeRunLock } from './run-lock.ts'
import { type RunningServices, runServices } from './run-services.ts'
import { drawScreen } from './screen.ts'
import { seedDemoAccount } from './seed.ts'
import { type Plan, planServices } from './service-env.ts'

const stopMs = 15_000

/** What has to be ended, in the order in which it began. */
const kept: { readonly name: string; readonly end: () => Promise<void> }[] = []
const keep: Keep = (name, end) => void (stopping ? void end() : kept.push({ name, end }))
let stopping = false

/** Ends everything, last begun first, and then this process. Whatever does not end in time dies with it. */
async function leave(code: number): Promise<never> {
  if (stopping) return new Promise(() => {})
  stopping = true
  setTimeout(() => process.exit(code || 1), stopMs).unref()
  removeRunFile(dataDir)
  for (const { name, end } of kept.toReversed()) {
    await end().catch((error: unknown) => console.error(`  ${name} did not end in order: ${String(error)}`))
  }
  process.exit(code)
}

function fail(error: unknown): void {
  if (stopping) return
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof Error && error.cause instanceof Error) console.error(error.cause.message)
  console.error('\nPortcullis stops.')
  void leave(1)
}

function listen(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!stopping) console.log('\n  Stopping.')
      void leave(0)
    })
  }
  watchParent(() => void leave(0))
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
}

function tellRunning(pid: number): void {
  const run = readRunFile(dataDir)
  say(`Portcullis runs here already (process ${pid}).`)
  if (run) say(`  Gateway ${run.gateway}   Mail inbox ${run.inbox ?? 'none'}   all addresses: .data/run.json`)
  else say('  It is still being set up.')
}

async function start(): Promise<void> {
  const lock = takeRunLock(dataDir)
  if ('heldBy' in lock) return tellRunning(lock.heldBy)
  process.on('exit', lock.release)
  listen()
  removeRunFile(dataDir)
  say('Portcullis starts.')
  const ground = await layGround(process.env, keep, fail)
  const plan = await planServices(process.env, ground)
  const refresh = { run: () => {} }
  const begin = () => runServices(plan.services, keep, { onPids: () => refresh.run(), onLost: fail })
  const services = await step('starting the services', begin, () => `${plan.services.length} services ready`)
  const demo = await step(
    'making the demo account',
    () => seedDemoAccount({ gateway: plan.gateway, inbox: ground.inboxUrl, marker: ground.demoMarker }),
    ({ ready }) => (ready ? 'Demo account ready' : 'No demo account'),
  )
  if (stopping) return
  // The file appears when all is ready, and follows when a service becomes another process.
  refresh.run = () => {
    if (!stopping) writeRunFile(dataDir, describeRun(ground, plan, services))
  }
  refresh.run()
  say(drawScreen(describeRun(ground, plan, services), demo))
}

function describeRun(ground: Ground, plan: Plan, services: RunningServices): Run {
  return {
    gateway: plan.gateway,
    docs: `${plan.gateway}/docs`,
    inbox: ground.inboxUrl ?? null,
    metrics: Object.fromEntries(plan.services.map(({ name, metrics }) => [name, metrics])),
    pids: { start: process.pid, ...services.pids() },
    database: ground.databaseUrl,
    redis: ground.redisUrl ?? null,
  }
}

start().catch(fail)
