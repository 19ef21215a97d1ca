import type { RevocationState } from '@portcullis/contracts/revocation'

/** What an admin may want of a bulk revocation. */
export type RevocationMove = 'approve' | 'start' | 'pause' | 'resume' | 'cancel' | 'undo'

/** What a move is judged by. */
export interface RevocationFacts {
  readonly state: RevocationState
  readonly needsApproval: boolean
  readonly fence: boolean
  readonly hasStarted: boolean
  readonly createdBy: string
  readonly approvedBy: string | null
  /** Whether the draft is young enough to be started. */
  readonly isFresh: boolean
  /** Whether it may still be undone. */
  readonly isUndoable: boolean
}

/** What becomes of a move. */
export type MoveVerdict =
  /** Into this state. */
  | { readonly kind: 'moved'; readonly to: RevocationState }
  /** It is so already: the answer is the same, and nothing is written. */
  | { readonly kind: 'so_already' }
  | { readonly kind: 'refused'; readonly code: 'out_of_order' | 'not_allowed' }

/** Where each move may begin, where it leads, and where there is nothing left to do. */
const moves: Readonly<
  Record<
    RevocationMove,
    {
      readonly from: readonly RevocationState[]
      readonly to: RevocationState
      readonly already: readonly RevocationState[]
    }
  >
> = {
  approve: { from: ['draft'], to: 'approved', already: ['approved'] },
  start: { from: ['draft', 'approved'], to: 'running', already: ['running'] },
  pause: { from: ['running'], to: 'paused', already: ['paused'] },
  resume: { from: ['paused'], to: 'running', already: ['running'] },
  cancel: { from: ['draft', 'approved', 'running', 'paused'], to: 'cancelled', already: ['cancelled'] },
  undo: { from: ['done', 'cancelled'], to: 'undoing', already: ['undoing', 'undone'] },
}

const refused = (code: 'out_of_order' | 'not_allowed'): MoveVerdict => ({ kind: 'refused', code })

/** Pure: judges what an admin wants. Whoever drafted it never approves it (four eyes), whatever else is true. */
export function judgeMove(move: RevocationMove, facts: RevocationFacts, adminId: string): MoveVerdict {
  const { from, to, already } = moves[move]
  if (move === 'approve' && adminId === facts.createdBy) return refused('not_allowed')
  if (already.includes(facts.state)) return { kind: 'so_already' }
  if (!from.includes(facts.state)) return refused('out_of_order')
  if (move === 'approve' && !facts.needsApproval) return refused('out_of_order')
  if (move === 'start' && facts.state === 'draft' && facts.needsApproval) return refused('out_of_order')
  if ((move === 'start' || move === 'approve') && !facts.isFresh) return refused('out_of_order')
  // The fence has ended it for everybody: half of the targets could never be told apart from the others again.
  if (move === 'cancel' && facts.fence && facts.hasStarted) return refused('out_of_order')
  if (move === 'undo' && !(facts.hasStarted && facts.isUndoable)) return refused('out_of_order')
  return { kind: 'moved', to }
}

/** An address that somebody may recognise who knows it: `a…@example.com`. Pure. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@')
  const first = String.fromCodePoint(email.codePointAt(0) ?? 0x2026)
  return `${first}…${email.slice(at)}`
}

/** Credentials in a second that a first revocation is believed to come to. */
const firstPace = 5000

/** Pure: how long it will take, in whole seconds: by its cap, and by what the last one came to. */
export function estimateSeconds(
  credentials: number,
  ratePerSecond: number | null,
  lastPace: number | undefined,
): number {
  const pace = Math.max(1, Math.min(ratePerSecond ?? Infinity, lastPace ?? firstPace))
  return Math.max(1, Math.ceil(credentials / pace))
}
