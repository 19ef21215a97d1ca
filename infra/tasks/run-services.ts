import { relative } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '@portcullis/local/root'
import { type SupervisedService, superviseService } from '@portcullis/local/supervise'
import { type Keep, logFile } from './house.ts'
import { say } from './progress.ts'
import type { PlannedService } from './service-env.ts'

const readyMs = 60_000

/** What is told of the services while they run. */
export interface Watch {
  /** A service runs as another process than before. */
  readonly onPids: () => void
  /** A service ended too often, and stays down. */
  readonly onLost: (why: Error) => void
}

/** Services that run. */
export interface RunningServices {
  pids(): Record<string, number>
}

/**
 * Starts all services at once and resolves when each says that it is ready. Rejects when one does not within a minute.
 * `logOf` names the file that a service logs to.
 */
export async function runServices(
  plan: readonly PlannedService[],
  keep: Keep,
  watch: Watch,
  logOf: (name: string) => string = logFile,
): Promise<RunningServices> {
  const running = plan.map((planned) => superviseOne(planned, watch, logOf(planned.name)))
  keep('services', async () => void (await Promise.all(running.map((service) => service.stop()))))
  await Promise.all(plan.map((planned, at) => untilReady(planned, running[at], logOf(planned.name))))
  for (const service of running) {
    void service.stopped.then((end) => end.asked || watch.onLost(lost(service.name, end.lastLines)))
  }
  return {
    pids: () => Object.fromEntries(running.map((service) => [service.name, service.pid()] as const).filter(isRunning)),
  }
}

function isRunning(entry: readonly [string, number | undefined]): entry is readonly [string, number] {
  return entry[1] !== undefined
}

function superviseOne({ name, env }: PlannedService, watch: Watch, log: string): SupervisedService {
  return superviseService({
    name,
    root,
    env,
    logFile: log,
    from: 'dist',
    restart: true,
    onStart: watch.onPids,
    onRestart: ({ code, signal }, delayMs) =>
      say(
        `  ${name} ended (${signal ?? `exit code ${code}`}); started again in ${delayMs / 1_000} s. Its log: ${relative(root, log)}`,
      ),
  })
}

async function untilReady(
  { name, metrics }: PlannedService,
  service: SupervisedService | undefined,
  log: string,
): Promise<void> {
  let end: string | undefined
  void service?.stopped.then(({ lastLines }) => (end = lastLines))
  for (const until = Date.now() + readyMs; Date.now() < until; await wait(50)) {
    if (end !== undefined) throw lost(name, end)
    const answer = await fetch(`${metrics}/readyz`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok) return
  }
  throw new Error(`${name} did not get ready within ${readyMs / 1_000} s. Its log: ${relative(root, log)}`)
}

function lost(name: string, lastLines: string): Error {
  return new Error(`${name} ended too often and stays down. Its last lines:\n\n${lastLines}`)
}
