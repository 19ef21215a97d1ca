import type { RiskLevel, RiskStanding, RiskTaken } from '@portcullis/db/queries/risk-signal'

/** What is done about signals, by level: settings of the gateway. */
export interface RiskPolicy {
  readonly low: 'noted' | 'notice'
  readonly medium: 'noted' | 'notice' | 'step_up'
  readonly high: 'step_up' | 'lockdown'
  /** A step-up that nobody has answered for so long at most makes the next one a lockdown. */
  readonly repeatSeconds: number
}

/**
 * Decides what is done about a signal. A step-up that would be asked for while another is unanswered becomes a lockdown: somebody is at work, and the
 * owner is not there to say otherwise. An account that is locked already is left so.
 */
export function judgeSignal(
  policy: RiskPolicy,
  level: RiskLevel,
  state: 'active' | 'locked',
  standing: RiskStanding,
): RiskTaken {
  if (state === 'locked') return 'noted'
  const wanted = policy[level]
  return level === 'high' && wanted === 'step_up' && standing.unanswered ? 'lockdown' : wanted
}
