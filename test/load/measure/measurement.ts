import type { Ground } from '../ground.ts'
import type { Row } from '../row.ts'

/** What a measurement is given. */
export interface Bench {
  readonly ground: Ground
  /** How many rows the big tables have, where the caller wants others than the usual. */
  readonly rows?: number
  /** Tells what is being done. */
  readonly say: (line: string) => void
  /** Ends something when the measurement is over, the newest first. */
  readonly later: (end: () => Promise<unknown>) => void
}

/** One thing that is measured; gives one row or several. */
export type Measurement = (bench: Bench) => Promise<Row[]>
