import { setTimeout as wait } from 'node:timers/promises'
import type { SweepName } from '@portcullis/contracts/sweep-name'
import { beginSweep, endSweep, updateSweepHeld, updateSweepProgress } from '@portcullis/db/queries/sweep'
import type { Sweep } from '@portcullis/domain/sweep/catalogue'
import type { LagCode, LagProbe } from '@portcullis/domain/sweep/lag'
import { firstChunkRows, nextChunkRows } from '@portcullis/domain/sweep/pace'
import type { Step } from '@portcullis/queue/handler'
import type { Clock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import { meter } from '@portcullis/runtime/metrics'

const rowsCounter = meter().createCounter('portcullis_sweep_rows', { description: 'Rows that a sweep took away' })
const chunkHistogram = meter().createHistogram('portcullis_sweep_chunk_ms', {
  description: 'Milliseconds that one chunk of a sweep took, commit included',
  unit: 'ms',
  advice: { explicitBucketBoundaries: [5, 10, 25, 50, 75, 100, 150, 250, 500, 1000, 2500] },
})
const pausesCounter = meter().createCounter('portcullis_sweep_pauses', {
  description: 'Times that a sweep made way, by reason',
})

/** What sweeps are run with. */
export interface SweepRunnerDeps {
  readonly probe: LagProbe
  readonly clock: Clock
  readonly log: Logger
  /** The first pause while the store lags; each further one is twice as long, up to `pauseMsMost`. */
  readonly pauseMs: number
  readonly pauseMsMost: number
  /** A run that was held up for so long in one go ends; the next tick goes on. */
  readonly heldMsMost: number
}

/** Runs a sweep to its end: many short transactions, one a chunk. Gives how many rows left. */
export type RunSweep = (sweep: Sweep, step: Step, signal: AbortSignal) => Promise<number>

/**
 * Makes the runner of one process. It runs each sweep once at a time: a tick that comes while the last one still works has
 * nothing to add. Other processes share the work, chunk by chunk.
 */
export function createSweepRunner(deps: SweepRunnerDeps): RunSweep {
  const running = new Set<SweepName>()

  /** Waits while the store lags. Gives why, if that does not end. */
  async function makeWay(name: SweepName, step: Step, signal: AbortSignal): Promise<LagCode | undefined> {
    let pauseMs = deps.pauseMs
    for (let heldMs = 0; ; heldMs += pauseMs, pauseMs = Math.min(2 * pauseMs, deps.pauseMsMost)) {
      const code = await deps.probe()
      if (code === undefined) return undefined
      pausesCounter.add(1, { sweep: name, reason: code })
      if (heldMs >= deps.heldMsMost) return code
      await step((tx) => updateSweepHeld(tx, name, code))
      await wait(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }

  async function sweepAll(sweep: Sweep, step: Step, signal: AbortSignal): Promise<number> {
    const { name } = sweep
    let most = await step((tx) => beginSweep(tx, name, firstChunkRows))
    let total = 0
    for (let from: string | undefined; ;) {
      const code = await makeWay(name, step, signal)
      if (code !== undefined) {
        await step((tx) => endSweep(tx, name, code))
        deps.log.warn({ sweep: name, rows: total, code }, 'a sweep ended early: the store lags; the next tick goes on')
        return total
      }
      const began = deps.clock.monotonicMs()
      const [size, start] = [most, from]
      const chunk = await step(async (tx) => {
        const taken = await sweep.take(tx, size, start)
        if (taken.rows > 0) await updateSweepProgress(tx, name, taken.rows, size)
        return taken
      })
      const tookMs = deps.clock.monotonicMs() - began
      total += chunk.rows
      rowsCounter.add(chunk.rows, { sweep: name })
      chunkHistogram.record(tookMs, { sweep: name })
      if (chunk.rows < size) break
      from = chunk.last
      most = nextChunkRows(size, tookMs)
    }
    await step((tx) => endSweep(tx, name, null))
    if (total > 0) deps.log.info({ sweep: name, rows: total }, 'swept')
    return total
  }

  return async (sweep, step, signal) => {
    if (running.has(sweep.name)) return 0
    running.add(sweep.name)
    try {
      return await sweepAll(sweep, step, signal)
    } finally {
      running.delete(sweep.name)
    }
  }
}
