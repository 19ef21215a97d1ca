import { AsyncLocalStorage } from 'node:async_hooks'
import DataLoader from 'dataloader'
import { meter } from './metrics.ts'

const sizeBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]

/** How calls are gathered. */
export interface GatherOptions<In, Out> {
  /** Name of the work, in metrics and errors. */
  readonly name: string
  /** A batch has this many items at most. */
  readonly batchMost: number
  /** This many batches run at once at most; what arrives meanwhile waits, and gathers. */
  readonly inFlightMost: number
  /**
   * While a batch is under way, the next one starts only when that is over or after it has waited so long: fewer and larger
   * batches under load, and a batch that hangs still holds up nobody for longer. Default 0: whatever finds a free place starts.
   */
  readonly patienceMs?: number
  /** Does the work of all items at once, and gives exactly one result for each, in the same order. */
  readonly run: (items: readonly In[]) => Promise<readonly Out[]>
  /**
   * Whether a failed batch of more than one item is repeated item by item. Default true; false where a failed run may have had
   * an effect. A function decides by the failure: a store that is away need not be asked once for each.
   */
  readonly repeatable?: boolean | ((failure: unknown) => boolean)
}

/** The call of one item. Boxed, as the loader below reads `null`, `undefined` and errors as signs of its own. */
interface Call<In> {
  readonly item: In
}

type Outcome<Out> = { readonly ok: true; readonly value: Out } | { readonly ok: false; readonly failure: unknown }

/**
 * What arrives together is done together: gives a function for one item, whose calls are collected and handed to one `run`.
 *
 * - Calls of the same turn of the event loop share a batch; so do calls that arrive while `inFlightMost` batches are under way.
 *   An idle gatherer starts at the end of the turn: some microseconds (about 7) later than a bare call.
 * - Each call gets the result at its own position. A run that answers with another number of results has failed.
 * - When a batch fails, each of its items is run alone, one after another, so that a bad item fails alone (see `repeatable`);
 *   otherwise every call of the batch rejects with that failure.
 * - Nothing is cached or shared: equal items are two items, and a run starts after the last of its calls was made.
 * - `run` has the asynchronous context of the maker of the gatherer, never that of one of its callers.
 *
 * Sizes are counted in the histogram `gather.batch.size`, by `gather` = name.
 */
export function createGather<In, Out>(options: GatherOptions<In, Out>): (item: In) => Promise<Out> {
  const inOwnContext = AsyncLocalStorage.snapshot()
  const { start, ended } = createTurnstile(options.inFlightMost, options.patienceMs ?? 0)
  const sizes = meter().createHistogram('gather.batch.size', {
    description: 'Items done by one run',
    advice: { explicitBucketBoundaries: sizeBounds },
  })

  const loader = new DataLoader<Call<In>, Outcome<Out>>(
    async (calls) => {
      sizes.record(calls.length, { gather: options.name })
      try {
        return await runBatch(options, calls)
      } finally {
        ended()
      }
    },
    {
      cache: false,
      maxBatchSize: options.batchMost,
      batchScheduleFn: (dispatch) => start(() => inOwnContext(dispatch)),
    },
  )

  return async (item) => {
    const outcome = await loader.load({ item })
    if (outcome.ok) return outcome.value
    throw outcome.failure
  }
}

async function runBatch<In, Out>(options: GatherOptions<In, Out>, calls: readonly Call<In>[]): Promise<Outcome<Out>[]> {
  const items = calls.map((call) => call.item)
  const whole = await attempt(options, items)
  if (whole.ok) return whole.value.map((value) => ({ ok: true, value }))
  const outcomes: Outcome<Out>[] = []
  const alone = items.length > 1 && mayRepeat(options.repeatable, whole.failure)
  for (const item of items) outcomes.push(alone ? await runAlone(options, item) : whole)
  return outcomes
}

async function runAlone<In, Out>(options: GatherOptions<In, Out>, item: In): Promise<Outcome<Out>> {
  const outcome = await attempt(options, [item])
  // `attempt` has checked that there is one result for the one item.
  return outcome.ok ? { ok: true, value: outcome.value[0] as Out } : outcome
}

async function attempt<In, Out>(
  options: GatherOptions<In, Out>,
  items: readonly In[],
): Promise<Outcome<readonly Out[]>> {
  try {
    const value = await options.run(items)
    if (value.length === items.length) return { ok: true, value }
    return { ok: false, failure: new Error(`${options.name}: ${value.length} results for ${items.length} items`) }
  } catch (failure) {
    return { ok: false, failure }
  }
}

function mayRepeat(repeatable: GatherOptions<never, never>['repeatable'], failure: unknown): boolean {
  return typeof repeatable === 'function' ? repeatable(failure) : (repeatable ?? true)
}

/**
 * Lets `most` batches pass at once. A free place is taken at the end of the turn of the event loop, so that all requests read
 * from their sockets in this turn are in; a place that falls free goes to the batch that has waited longest, at once. With
 * patience, a free place beside a batch under way is taken only by a batch that has waited for so long.
 */
function createTurnstile(most: number, patienceMs: number) {
  const waiting: (() => void)[] = []
  let inFlight = 0
  let timer: NodeJS.Timeout | undefined

  function waitPatiently(): void {
    if (patienceMs > 0 && waiting.length > 0 && inFlight < most) timer ??= setTimeout(losePatience, patienceMs)
  }
  function losePatience(): void {
    timer = undefined
    const next = inFlight < most ? waiting.shift() : undefined
    if (next === undefined) return
    inFlight++
    next()
    waitPatiently()
  }
  return {
    start(dispatch: () => void): void {
      if (inFlight === 0 || (patienceMs === 0 && inFlight < most)) {
        inFlight++
        setImmediate(dispatch)
        return
      }
      waiting.push(dispatch)
      waitPatiently()
    },
    ended(): void {
      const next = waiting.shift()
      if (next === undefined) inFlight--
      else next()
      if (timer === undefined) waitPatiently()
      else if (waiting.length === 0) {
        clearTimeout(timer)
        timer = undefined
      }
    },
  }
}
