import type { Logger } from '@portcullis/runtime/log'

/** Something that is done again and again until it is stopped. */
export interface Patrol {
  /** Do it now, or once more if it is under way. */
  nudge(): void
  /** Waits for a round under way. */
  stop(): Promise<void>
}

/** Settings of `startPatrol`. */
export interface PatrolOptions {
  readonly name: string
  readonly everyMs: number
  readonly log: Logger
  /** One round. `true`: there is more to do at once. A throw is logged; the next round comes all the same. */
  readonly round: () => Promise<boolean | void>
}

/** Starts a patrol: rounds never overlap, and no failure ends it. */
export function startPatrol(options: PatrolOptions): Patrol {
  let timer: NodeJS.Timeout | undefined
  let under: Promise<void> | undefined
  let again = false
  let stopped = false

  function begin(): void {
    if (stopped) return
    if (under) {
      again = true
      return
    }
    clearTimeout(timer)
    again = false
    under = options
      .round()
      .then((more) => {
        again ||= more === true
      })
      .catch((error: unknown) => options.log.warn({ err: error, patrol: options.name }, 'a round failed'))
      .finally(() => {
        under = undefined
        if (!stopped) timer = setTimeout(begin, again ? 0 : options.everyMs)
      })
  }

  begin()
  return {
    nudge: begin,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await under
    },
  }
}
