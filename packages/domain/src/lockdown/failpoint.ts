import { type LockdownStep, lockdownStepNames } from '@portcullis/contracts/lockdown-step'
import type { Failpoint } from '@portcullis/runtime/failpoint'

/** Where a lockdown may be cut off: before each step, inside it before its commit, and around the end. */
export type LockdownFailpoint =
  | `before_${LockdownStep}`
  | `inside_${LockdownStep}`
  | 'before_contain'
  | 'inside_contain'
  | 'after_contain'

/** All of them: one at every await between two durable writes, and one inside every transaction. */
export const lockdownFailpoints: readonly LockdownFailpoint[] = [
  ...lockdownStepNames.flatMap((step) => [`before_${step}`, `inside_${step}`] as const),
  'before_contain',
  'inside_contain',
  'after_contain',
]

/** Those of a process. */
export type LockdownFailpoints = Failpoint<LockdownFailpoint>
