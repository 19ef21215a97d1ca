import { auditKeySettings } from '@portcullis/runtime/audit-key-setting'
import { queueSettings } from '@portcullis/queue/setting'
import { type Config, flag, integer, optional, port, secretUrl, setting, url } from '@portcullis/runtime/config'
import { masterKeySettings } from '@portcullis/runtime/master-key-ring'
import { outboundSettings } from '@portcullis/runtime/outbound-setting'
import { serviceSettings } from '@portcullis/runtime/service'
import { z } from 'zod'
import { signalSettings } from './signal-setting.ts'

const list = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((one) => one.trim() || []))

/** Settings of the gateway. */
export const settings = {
  ...serviceSettings,
  GATEWAY_HOST: setting(z.string().default('127.0.0.1'), {
    reason: 'address to listen on',
    example: '0.0.0.0',
    shownDefault: '127.0.0.1',
  }),
  GATEWAY_PORT: port({ reason: 'port to listen on; 0 takes a free one', example: '8080', default: 8080 }),
  PUBLIC_URL: url({
    reason: 'what callers call this server: its host is the one that is answered',
    example: 'https://account.acme.example',
  }),
  PRODUCT_NAME: setting(z.string().min(1).max(40).default('Portcullis'), {
    reason: 'what pages and documentation call the product',
    example: 'Acme',
    shownDefault: 'Portcullis',
  }),
  ALLOWED_HOSTS: setting(list, {
    reason: 'further hosts that are answered, with their port if any, separated by commas',
    example: 'gateway.internal:8080',
  }),
  TRUSTED_PROXIES: setting(list, {
    reason: 'addresses or networks (CIDR) whose X-Forwarded-For is believed; empty: nobody’s',
    example: '10.0.0.0/8',
  }),
  BODY_BYTES_MOST: integer({
    reason: 'larger bodies are refused with 413',
    example: '16384',
    default: 16_384,
    min: 1024,
    max: 10_485_760,
  }),
  PASSWORD_PROFILE: setting(z.enum(['classic', 'modern']).default('classic'), {
    reason: 'classic: 8 or more of four classes; modern: as NIST SP 800-63B-4 3.1.1.2',
    example: 'classic',
    shownDefault: 'classic',
  }),
  PASSWORD_LENGTH_LEAST: integer({
    reason: 'may only raise the minimum of the profile',
    example: '8',
    default: 8,
    min: 8,
    max: 64,
  }),
  CONTEXT_WORDS: setting(
    z
      .string()
      .default('portcullis')
      .transform((text) => text.split(',').flatMap((one) => one.trim() || [])),
    {
      reason: 'names of the product that must not make a password, separated by commas',
      example: 'acme,acmecloud',
      shownDefault: 'portcullis',
    },
  ),
  BREACH_CHECK_URL: optional(
    url({
      reason:
        'a range service of breached passwords (five hash digits leave the house); without it only the common list is asked',
      example: 'https://api.pwnedpasswords.com',
    }),
  ),
  BREACH_CHECK_TIMEOUT_MS: integer({
    reason: 'then the breach check answers nothing, and the password is taken',
    example: '800',
    default: 800,
    min: 50,
    max: 5000,
  }),
  HASHES_AT_ONCE: integer({
    reason: 'password hashes at a time; each takes 19 MiB and a core',
    example: '2',
    default: 2,
    min: 1,
    max: 64,
  }),
  HASHES_WAITING: integer({
    reason: 'password hashes that may wait; beyond it the answer is 429',
    example: '100',
    default: 100,
    min: 1,
    max: 10_000,
  }),
  ACCOUNT_CLOSING_DAYS: integer({
    reason: 'days for which an account that its owner wants closed works on and can be kept; then it is erased',
    example: '14',
    default: 14,
    min: 1,
    max: 30,
  }),
  ...signalSettings,
  ...masterKeySettings,
  ...auditKeySettings,
  ...outboundSettings,
  REDIS_URL: optional(
    secretUrl({
      reason: 'shows the dashboard of the queues at /admin/queues; the gateway needs Redis for nothing else',
      example: 'redis://redis.internal:6379',
      protocols: ['redis:', 'rediss:'],
    }),
  ),
  QUEUE_PREFIX: queueSettings.QUEUE_PREFIX,
  LOG_REQUESTS: flag({ reason: 'log every request, not only refused ones', example: 'false', default: false }),
} as const

/** What they come to. */
export type GatewayConfig = Config<typeof settings>
