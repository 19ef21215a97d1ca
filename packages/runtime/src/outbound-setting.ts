import { z } from 'zod'
import { type Config, ConfigError, flag, setting } from './config.ts'

const privateReason =
  'let webhooks go to http, other ports and private addresses; for development and tests, refused in production'

/** Settings of everybody who calls addresses that others have chosen. Spread them into a service's own shape. */
export const outboundSettings = {
  WEBHOOK_ALLOW_PRIVATE: flag({ reason: privateReason, example: 'false', default: false }),
  NODE_ENV: setting(z.string().default('production'), {
    reason: 'what may only be in development is refused in production',
    example: 'production',
    shownDefault: 'production',
  }),
} as const

/**
 * Whether private addresses may be called.
 *
 * @throws ConfigError where that is asked for in production.
 */
export function allowsPrivate(config: Config<typeof outboundSettings>): boolean {
  if (!config.WEBHOOK_ALLOW_PRIVATE) return false
  if (config.NODE_ENV !== 'production') return true
  const problem = 'must not be true in production (NODE_ENV).'
  throw new ConfigError([{ name: 'WEBHOOK_ALLOW_PRIVATE', problem, reason: privateReason, example: 'false' }])
}
