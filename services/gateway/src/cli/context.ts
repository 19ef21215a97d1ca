import type { Terminal } from './terminal.ts'

/** What every command works with. */
export interface CliContext {
  /** The environment of the process, read by nobody else. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
}
