import type { Client } from '@portcullis/client/create-client'
import type { Intruder, Owner } from './cast.ts'
import type { Door, TriedDoor } from './door.ts'
import type { RentalHost } from './rental-host.ts'
import type { Stage } from './stage.ts'
import type { Timeline } from './timeline.ts'

/** What all parts of the play share. */
export interface Play {
  readonly stage: Stage
  readonly line: Timeline
  /** Takes note of something that is not as it should be. */
  wrong(what: string): void
}

/** Everybody on the stage. */
export interface Cast {
  readonly owner: Owner
  readonly intruder: Intruder
  readonly admin: Client
  readonly product: Client
  readonly host: RentalHost | undefined
  /** The ways of the intruder into the account. */
  readonly doors: readonly Door[]
}

/** Tells of doors that must be shut by now; milliseconds since `from`, where given. */
export function tellRefused(
  { line, wrong }: Pick<Play, 'line' | 'wrong'>,
  tried: readonly TriedDoor[],
  from?: number,
): void {
  for (const { name, opened, said, at } of tried) {
    const text = opened ? `${name} STILL OPENS` : `${name} refused`
    if (from === undefined) line.tell(opened ? 'wrong' : 'shut', text, said)
    else line.after(opened ? 'wrong' : 'shut', text, said, at - from)
    if (opened) wrong(`${name} still opens`)
  }
}
