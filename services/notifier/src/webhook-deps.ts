import { createLanes } from '@portcullis/domain/webhook/lanes'
import { securityEventForm } from '@portcullis/domain/security-event/form'
import { createSigningKeys } from '@portcullis/domain/security-event/signing-key'
import { createWebhookSealer } from '@portcullis/domain/webhook/secret'
import { systemClock } from '@portcullis/runtime/clock'
import type { Logger } from '@portcullis/runtime/log'
import { createOutbound } from '@portcullis/runtime/outbound'
import { allowsPrivate } from '@portcullis/runtime/outbound-setting'
import type { NotifierConfig } from './config.ts'
import type { WebhookDeps } from './jobs/deliver.webhook/handle.ts'

/** Builds what deliveries are made with. Some places always stay with mails and alerts. */
export function createWebhookDeps(config: NotifierConfig, log: Logger): WebhookDeps {
  const places = config.JOBS_AT_ONCE
  const timeoutMs = config.WEBHOOK_TIMEOUT_MS
  const sealer = createWebhookSealer(config)
  const share = (part: number) => Math.max(1, Math.floor(places * part))
  return {
    outbound: createOutbound({ allowPrivate: allowsPrivate(config), timeoutMs, connectionsMost: places }),
    lanes: createLanes(
      { most: share(0.8), endpointMost: share(0.5), slowMost: share(0.1), slowMs: 1000 },
      systemClock.monotonicMs,
    ),
    sealer,
    securityEventForm: securityEventForm({
      issuer: config.PUBLIC_URL.origin,
      keys: createSigningKeys(config),
      sealer,
    }),
    clock: systemClock,
    log,
    actSeconds: timeoutMs / 1000 + 2,
  }
}
