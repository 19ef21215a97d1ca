import { Presets, SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.ts'

/** Tells how far something long has come. */
export interface Progress {
  /** `note`: what else is to be said of it, in a few words. */
  update(done: number, total: number, note?: string): void
  /** Ends its line. */
  stop(): void
}

/** Without a terminal a line is written when so much more of it is done. */
const stepShare = 0.1

/**
 * A bar on a terminal; without one a plain line at every tenth, and whenever the note changes. Nothing where JSON was asked for.
 */
export function showProgress(terminal: Terminal, what: string): Progress {
  if (terminal.json) return { update: () => {}, stop: () => {} }
  return terminal.stderr.isTTY ? drawBar(terminal, what) : writeLines(terminal, what)
}

function drawBar({ stderr }: Terminal, what: string): Progress {
  const format = `${what} {bar} {percentage} % | {value}/{total} | {eta_formatted} left {note}`
  const bar = new SingleBar(
    { format, stream: stderr, hideCursor: true, etaBuffer: 50, fps: 10 },
    Presets.shades_classic,
  )
  let begun = false
  return {
    update(done, total, note = '') {
      if (!begun) bar.start(total, done, { note })
      begun = true
      bar.setTotal(total)
      bar.update(done, { note })
    },
    stop: () => bar.stop(),
  }
}

function writeLines(terminal: Terminal, what: string): Progress {
  let told = { share: -1, note: '' }
  return {
    update(done, total, note = '') {
      const share = total === 0 ? 1 : done / total
      if (share - told.share < stepShare && note === told.note && !(share === 1 && told.share < 1)) return
      told = { share, note }
      terminal.tell(`${what} ${Math.floor(share * 100)} % | ${done}/${total}${note === '' ? '' : ` ${note}`}`)
    },
    stop: () => {},
  }
}
