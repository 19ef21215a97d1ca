import type { Commands } from '../part.ts'

/** Answers what the benchmark asks of this process, until the benchmark ends. */
export function play<C extends Commands<C>>(commands: C): void {
  process.on('message', (asked: { readonly id: number; readonly command: keyof C; readonly input: never }) => {
    const answer = async () => commands[asked.command](asked.input)
    answer().then(
      (value) => process.send?.({ id: asked.id, value }),
      (error: unknown) => process.send?.({ id: asked.id, error: error instanceof Error ? error.stack : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.({ id: 0 })
}

/** Nanoseconds of the machine's monotonic clock: the same for all processes of a machine. */
export function nowNs(): number {
  return Number(process.hrtime.bigint())
}
