import { existsSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { optional, setting } from './config.ts'

/** Where a process is to be killed, for tests of crashes. */
export interface ArmedFailpoint {
  readonly name: string
  /** A file that remembers that it struck, so that the process which is started next lives. Absent: it strikes each time. */
  readonly marker?: string
}

/** Settings of a process with fail points. Spread them into its own shape. */
export const failpointSettings = {
  FAILPOINT: optional(
    setting(
      z
        .string()
        .regex(/^[a-z_]{1,60}(@\/.{1,400})?$/, 'must be a name, or name@/path/of/a/file')
        .transform(readArmed),
      {
        reason: 'tests only: the process kills itself at the fail point of this name, once where a file is given',
        example: 'before_sessions@/tmp/struck',
      },
    ),
  ),
} as const

/** Tells that the code has come to a fail point. Returns, unless that one is armed: then nothing runs any more. */
export type Failpoint<Name extends string> = (name: Name) => void

/**
 * Makes the fail points of a process out of the closed list of their names. The one that is armed kills it by SIGKILL: no
 * handler runs, nothing is flushed, as in a crash. Nothing armed: each call does nothing.
 *
 * @throws Error where the armed name is not on the list, so that no test waits for a crash that cannot come.
 */
export function createFailpoint<Name extends string>(
  names: readonly Name[],
  armed: ArmedFailpoint | undefined,
): Failpoint<Name> {
  if (!armed) return () => {}
  if (!names.some((name) => name === armed.name)) throw new Error(`there is no fail point ${armed.name}`)
  return (name) => {
    if (name !== armed.name) return
    if (armed.marker !== undefined) {
      if (existsSync(armed.marker)) return
      writeFileSync(armed.marker, name)
    }
    process.kill(process.pid, 'SIGKILL')
  }
}

function readArmed(text: string): ArmedFailpoint {
  const at = text.indexOf('@')
  return at < 0 ? { name: text } : { name: text.slice(0, at), marker: text.slice(at + 1) }
}
