import { messages } from '@portcullis/contracts/messages/index'
import type { Message } from '@portcullis/contracts/messages/message'
import { connectDatabase, storeAnswers } from '@portcullis/db/connect'
import { listenForJobs } from '@portcullis/db/wake'
import { createPublisher } from '@portcullis/queue/publisher'
import type { RunningService, ServiceBase } from '@portcullis/runtime/service'
import type { RelayConfig } from './config.ts'
import { observeLag } from './lag.ts'
import { startPatrol } from './patrol.ts'
import { publishDueJobs } from './publish.ts'
import { reconcileJobs } from './reconcile.ts'
import { writeTicks } from './tick.ts'

/** Everybody who hears anything: the whole routing table. */
const hearers = [...new Set(Object.values<Message>(messages).flatMap((message) => message.heardBy))]

/** Builds and starts the relay. Any number may run beside each other. */
export async function createService({
  config,
  log,
}: ServiceBase & { readonly config: RelayConfig }): Promise<RunningService> {
  const databaseUrl = config.DATABASE_URL.reveal()
  const database = connectDatabase({ url: databaseUrl, name: 'relay', poolSize: config.DATABASE_POOL })
  const publisher =
    config.REDIS_URL &&
    createPublisher({
      redisUrl: config.REDIS_URL.reveal(),
      hearers,
      log,
      prefix: config.QUEUE_PREFIX,
      onChange: () => nudge(),
    })

  const patrols = [
    ...(publisher ? [patrol('publish', 200, () => publishDueJobs(database, publisher))] : []),
    patrol('reconcile', 2000, () => reconcileJobs(database, publisher, log)),
    patrol('tick', 5000, async () => void (await writeTicks(database))),
    patrol('lag', 5000, () => observeLag(database)),
  ]
  // Woken when jobs were enqueued; the interval is for hints that never came.
  const listener = publisher && listenForJobs(databaseUrl, nudge)

  function patrol(name: string, everyMs: number, round: () => Promise<boolean | void>) {
    return startPatrol({ name, everyMs, log, round })
  }

  function nudge(): void {
    patrols[0]?.nudge()
  }

  return {
    ready: () => storeAnswers(database),
    async stop() {
      await listener?.close()
      await Promise.all(patrols.map((one) => one.stop()))
      await publisher?.close()
      await database.close()
    },
  }
}
