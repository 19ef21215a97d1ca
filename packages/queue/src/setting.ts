import { integer, optional, secretUrl, setting } from '@portcullis/runtime/config'
import { z } from 'zod'
import { defaultPrefix } from './queue-name.ts'

/** Settings of everybody who touches the queues. Spread them into a service's own shape. */
export const queueSettings = {
  REDIS_URL: optional(
    secretUrl({
      reason: 'the queues; without it jobs are taken straight from the ledger',
      example: 'redis://redis.internal:6379',
      protocols: ['redis:', 'rediss:'],
    }),
  ),
  QUEUE_PREFIX: setting(
    z
      .string()
      .regex(/^[a-z0-9{}_-]{1,60}$/, 'must be 1 to 60 of a-z, 0-9, _, -, { and }')
      .default(defaultPrefix),
    {
      reason: 'keys of all queues start with this; put it in {} for a Redis Cluster',
      example: defaultPrefix,
      shownDefault: defaultPrefix,
    },
  ),
} as const

/** Settings of everybody who takes jobs. */
export const workerSettings = {
  ...queueSettings,
  JOBS_AT_ONCE: integer({ reason: 'jobs that are worked on at a time', example: '50', default: 50, min: 1, max: 1000 }),
} as const
