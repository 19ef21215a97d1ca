import { styleText } from 'node:util'

/** A stream to a person, then it has a terminal, or to a program. */
export type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean }

/** Where the command line talks: results to standard output, everything else to standard error. */
export interface Terminal {
  /** Whether results are JSON, for scripts. */
  readonly json: boolean
  /** Standard error, for progress. */
  readonly stderr: Stream
  /** Shows a result: `value` as one JSON document where JSON was asked for, else `text`. */
  show(value: unknown, text: string): void
  /** Prints text as it is: help. */
  print(text: string): void
  /** Tells a person something besides the result. Says nothing where JSON was asked for. */
  tell(text: string): void
  /** Says why it ends otherwise than wished, as JSON where that was asked for. */
  complain(problem: Readonly<Record<string, unknown>>, text: string): void
  /** The same text in bold, where standard output is a terminal that shows it. */
  bold(text: string): string
}

/** Settings of `createTerminal`. */
export interface TerminalOptions {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly json: boolean
}

/** Talks by these streams. No colour reaches a file or a pipe, nor anybody who has set `NO_COLOR`. */
export function createTerminal({ stdout, stderr, json }: TerminalOptions): Terminal {
  return {
    json,
    stderr,
    show: (value, text) => void stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
    print: (text) => void stdout.write(text),
    tell: (text) => {
      if (!json) stderr.write(`${text}\n`)
    },
    complain: (problem, text) => void stderr.write(json ? `${JSON.stringify({ error: problem })}\n` : `${text}\n`),
    bold: (text) => styleText('bold', text, { stream: stdout }),
  }
}
