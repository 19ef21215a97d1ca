import { type Config, ConfigError, optional, secretUrl, setting } from '@portcullis/runtime/config'
import { Secret } from '@portcullis/runtime/secret'
import { z } from 'zod'
import type { AnchorDeps } from './jobs/anchor.seal/handle.ts'

const secretForm = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/
const secretReason = 'signs what is posted to AUDIT_ANCHOR_URL, as Standard Webhooks has it'
const secretExample = 'whsec_<the output of: openssl rand -base64 32>'

/** Settings of the outside anchor. Both, or none. */
export const anchorSettings = {
  AUDIT_ANCHOR_URL: optional(
    secretUrl({
      reason: 'the newest seal of the audit is posted there every half minute, out of reach of whoever holds the store',
      example: 'https://witness.acme.example/seals',
    }),
  ),
  AUDIT_ANCHOR_SECRET: optional(
    setting(
      z
        .string()
        .regex(secretForm, 'must be whsec_ and 24 to 64 bytes as base64')
        .transform((text) => new Secret(text)),
      { reason: secretReason, example: secretExample, secret: true },
    ),
  ),
} as const

/**
 * Where seals are posted; `undefined`: nowhere.
 *
 * @throws ConfigError for an address without its secret.
 */
export function anchorTarget(config: Config<typeof anchorSettings>): AnchorDeps['target'] {
  const { AUDIT_ANCHOR_URL: url, AUDIT_ANCHOR_SECRET: secret } = config
  if (url === undefined) return undefined
  if (secret === undefined) {
    const problem = 'is missing, and AUDIT_ANCHOR_URL is set.'
    throw new ConfigError([{ name: 'AUDIT_ANCHOR_SECRET', problem, reason: secretReason, example: secretExample }])
  }
  return { url: url.reveal(), secret: Buffer.from(secret.reveal().slice('whsec_'.length), 'base64') }
}
