import { watchParent } from '@portcullis/local/parent'
import { playWorstHour } from './demo/play.ts'
import { openStage } from './demo/stage.ts'
import { createTimeline } from './demo/timeline.ts'
import type { Keep } from './house.ts'
import { bad, bold, good, say } from './progress.ts'

/** What the play may take, once the house stands. */
const playMs = 60_000
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
  for (const { name, end } of kept.toReversed()) {
    await end().catch((error: unknown) => console.error(`  ${name} did not end in order: ${String(error)}`))
  }
  process.exit(code)
}

function fail(error: unknown): void {
  if (stopping) return
  console.error(
    `\n  ${bad('The demo could not be played to its end.')}\n\n${error instanceof Error ? error.stack : String(error)}`,
  )
  void leave(1)
}

function listen(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave(1))
  watchParent(() => void leave(1))
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
}

async function demo(): Promise<void> {
  listen()
  say(bold('Portcullis: the worst hour'))
  const stage = await openStage(keep, fail)
  const faults: string[] = []
  const bell = setTimeout(() => fail(new Error(`It took longer than ${playMs / 1_000} s.`)), playMs)
  await playWorstHour({ stage, line: createTimeline(say), wrong: (what) => void faults.push(what) }, keep)
  clearTimeout(bell)
  say('')
  if (faults.length === 0) say(`  ${good(bold('Every door is shut to the intruder, and open to the owner.'))}`)
  else say(`  ${bad(bold('Not as it should be:'))} ${faults.join('; ')}.`)
  say('')
  await leave(faults.length === 0 ? 0 : 1)
}

demo().catch(fail)
