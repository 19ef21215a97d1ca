import { seconds, setting, url } from '@portcullis/runtime/config'
import { z } from 'zod'

/** Settings of what is done about risk signals and leaked credentials. */
export const signalSettings = {
  RISK_LOW: setting(z.enum(['noted', 'notice']).default('noted'), {
    reason: 'what a low risk signal does: noted for a later review, or the owner is told',
    example: 'noted',
    shownDefault: 'noted',
  }),
  RISK_MEDIUM: setting(z.enum(['noted', 'notice', 'step_up']).default('notice'), {
    reason:
      'what a medium risk signal does: noted, the owner is told, or every session must prove itself again as well',
    example: 'notice',
    shownDefault: 'notice',
  }),
  RISK_HIGH: setting(z.enum(['step_up', 'lockdown']).default('step_up'), {
    reason: 'what a high risk signal does: every session must prove itself again, or a lockdown at once',
    example: 'step_up',
    shownDefault: 'step_up',
  }),
  RISK_REPEAT_SECONDS: seconds({
    reason: 'a high risk signal within so long of a step-up that nobody has answered locks the account down',
    example: '86400',
    default: 86_400,
    min: 60,
    max: 2_592_000,
  }),
  LEAKED_CLIENT_SECRETS: setting(z.enum(['report', 'revoke']).default('report'), {
    reason:
      'what is done about the secret of an API client that was found in public: support is told, or it is revoked as well (the product may stand still)',
    example: 'report',
    shownDefault: 'report',
  }),
  GITHUB_KEYS_URL: url({
    reason: 'where the public keys are that sign reports of GitHub’s secret scanning',
    example: 'https://api.github.com/meta/public_keys/secret_scanning',
    default: 'https://api.github.com/meta/public_keys/secret_scanning',
  }),
} as const
