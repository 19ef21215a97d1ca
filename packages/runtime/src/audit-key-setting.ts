import { z } from 'zod'
import { optional, setting } from './config.ts'
import { readEd25519Public } from './ed25519.ts'
import { Secret } from './secret.ts'

const seedForm = /^[\w-]{43}$/

/** Settings of whoever seals or exports the audit. Spread them into a service's own shape. */
export const auditKeySettings = {
  AUDIT_SEAL_KEY: optional(
    setting(
      z
        .string()
        .regex(seedForm, 'must be 32 random bytes as base64url without padding')
        .transform((text) => new Secret(text)),
      {
        reason: 'seed of the Ed25519 key that signs seals of the audit; without it, it is derived from MASTER_KEY',
        example: '<the output of: openssl rand 32 | basenc --base64url | tr -d =>',
        secret: true,
      },
    ),
  ),
  AUDIT_KEYS_OLD: setting(
    z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((one) => one.trim() || []))
      .refine((keys) => keys.every((x) => readEd25519Public(x)), 'must be public keys, separated by commas'),
    {
      reason: 'public keys (the x of each JWK) that have sealed before, so that older seals can still be verified',
      example: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    },
  ),
} as const
