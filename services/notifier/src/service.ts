import { type HandlersFor } from '@portcullis/queue/handler'
import { createWorkerService } from '@portcullis/queue/worker-service'
import { deriveKeys } from '@portcullis/runtime/master-key-ring'
import { createOutbound } from '@portcullis/runtime/outbound'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { NotifierConfig } from './config.ts'
import { handleDeliverWebhook } from './jobs/deliver.webhook/handle.ts'
import { handleEmailChanging } from './jobs/email.changing/handle.ts'
import { handleRegistrationRequested } from './jobs/registration.requested/handle.ts'
import { handleSendNotice } from './jobs/send.notice/handle.ts'
import { handleTellSupport } from './jobs/tell.support/handle.ts'
import { createMailDeps } from './mail-deps.ts'
import { createWebhookDeps } from './webhook-deps.ts'

/** Builds and starts the notifier. Any number may run beside each other. */
export function createService(base: ServiceBase & { readonly config: NotifierConfig }): Promise<RunningService> {
  const { config, log } = base
  return createWorkerService('notifier', base, async () => {
    const deps = await createMailDeps(config)
    const [tokenKey, ...tokenKeysOld] = deriveKeys(config, 'mailed-token')
    const webhooks = createWebhookDeps(config, log)
    // The operator's own choice of address, so it may be one of the house.
    const chat = createOutbound({ allowPrivate: true, timeoutMs: 10_000 })
    const handlers: HandlersFor<'notifier'> = {
      'registration.requested': handleRegistrationRequested({
        ...deps,
        tokenKey,
        tokenKeysOld,
        limitPerHour: config.MAILS_PER_RECIPIENT_HOUR,
      }),
      'email.changing': handleEmailChanging({ ...deps, tokenKey, tokenKeysOld }),
      'send.notice': handleSendNotice({ ...deps, tokenKey, tokenKeysOld, restSeconds: config.NOTICE_REST_SECONDS }),
      'deliver.webhook': handleDeliverWebhook(webhooks),
      'tell.support': handleTellSupport({
        ...deps,
        outbound: chat,
        chatUrl: config.SUPPORT_WEBHOOK_URL,
        chatFormat: config.SUPPORT_WEBHOOK_FORMAT,
        email: config.SUPPORT_EMAIL,
      }),
    }
    return {
      handlers,
      concurrency: config.JOBS_AT_ONCE,
      close: () => Promise.all([deps.mailer.close(), webhooks.outbound.close(), chat.close()]),
    }
  })
}
