import { setTimeout as pause } from 'node:timers/promises'

/** Looks again and again until it is so: for what another process does, which sends no signal. Rejects after `withinMs`. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 15_000,
): Promise<T> {
  const end = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > end) throw new Error(`not so within ${withinMs / 1000} s: ${what}`)
    await pause(5)
  }
}
