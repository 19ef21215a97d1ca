import type { LockdownStep } from '@portcullis/contracts/lockdown-step'
import { apiKeys } from './api-keys.ts'
import { owner } from './owner.ts'
import { password } from './password.ts'
import { review } from './review.ts'
import { secondFactor } from './second-factor.ts'
import { sessions } from './sessions.ts'
import { sshKeys } from './ssh-keys.ts'
import { support } from './support.ts'
import { tokens } from './tokens.ts'
import { webhooks } from './webhooks.ts'
import type { StepWork } from './work.ts'

/** What each step does: a step without work, or work without a step, does not compile. */
export const stepWorks: Readonly<Record<LockdownStep, StepWork>> = {
  sessions,
  api_keys: apiKeys,
  ssh_keys: sshKeys,
  tokens,
  password,
  second_factor: secondFactor,
  review,
  owner,
  webhooks,
  support,
}
