import { queueSettings } from '@portcullis/queue/setting'
import { type Config, integer } from '@portcullis/runtime/config'
import { serviceSettings } from '@portcullis/runtime/service'

/** Settings of the revoker. */
export const settings = {
  ...serviceSettings,
  ...queueSettings,
  REVOKER_SHARDS_AT_ONCE: integer({
    reason:
      'shards of bulk revocations that this process works off at a time; each keeps one core of the store busy, so leave it some',
    example: '2',
    default: 1,
    min: 1,
    max: 8,
  }),
  REVOKER_LEASE_SECONDS: integer({
    reason: 'how long nobody else takes up a shard whose worker has died; longer than a chunk takes',
    example: '10',
    default: 10,
    min: 1,
    max: 300,
  }),
  REVOKER_ROUND_TRIP_MS: integer({
    reason: 'bulk revocations make way when a small statement takes longer: logins would wait as long',
    example: '50',
    default: 50,
    min: 1,
    max: 10_000,
  }),
  REVOKER_SECURITY_JOB_SECONDS: integer({
    reason: 'bulk revocations make way when a security job has been due for longer',
    example: '5',
    default: 5,
    min: 1,
    max: 3600,
  }),
} as const

/** What they come to. */
export type RevokerConfig = Config<typeof settings>
