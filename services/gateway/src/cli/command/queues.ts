import { type MessageName, messages } from '@portcullis/contracts/messages/index'
import type { Service } from '@portcullis/contracts/service'
import { wholeQueue } from '@portcullis/db/queries/queue-pause'
import { listQueueStates, type QueueState } from '@portcullis/domain/queue-pause/list'
import { pauseQueue, resumeQueue } from '@portcullis/domain/queue-pause/pause'
import { queueNames } from '@portcullis/domain/queue-pause/rules'
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { drawTable } from '../draw-table.ts'
import { addGroup, addLeaf, readName, readReason } from '../leaf.ts'
import { withDatabase } from '../with-database.ts'

// Guarantee: they are the keys of that very object.
const messageNames = Object.keys(messages) as MessageName[]
const operator = { kind: 'command_line' } as const
const verbs = { pause: pauseQueue, resume: resumeQueue } as const
const told = {
  pause: 'stop handing out a queue, or one message of it, on every node at once; lasts until it is resumed',
  resume: 'hand out again what was paused; without --message all of the queue',
} as const

/** `queues list|pause|resume`. */
export function addQueueCommands(program: Command, context: CliContext): void {
  const group = addGroup(program, 'queues', 'how far behind each service is, and pauses')
  addLeaf(group, 'list', 'list all queues with their lag').action(async () => {
    show(context, await withDatabase(context, (database) => listQueueStates(database)))
  })
  for (const verb of ['pause', 'resume'] as const) {
    addLeaf(group, verb, told[verb], [
      `portcullis queues ${verb} notifier --message deliver.webhook --reason "The receiver is in maintenance"`,
    ])
      .argument('<queue>', queueNames.join(', '), readName(queueNames))
      .option('--message <name>', 'only this message', readName(messageNames))
      .requiredOption('--reason <text>', 'why: kept with the audit event', readReason)
      .action(async (queue: Service, { message, reason }: { message?: MessageName; reason: string }) => {
        const states = await withDatabase(context, async (database) => {
          await verbs[verb](database, { operator, queue, message, reason })
          return listQueueStates(database, [queue])
        })
        show(context, states)
      })
  }
}

function show({ terminal }: CliContext, queues: readonly QueueState[]): void {
  const heads = ['QUEUE', 'DUE', 'OLDEST', 'PUBLISHED', 'RUNNING', 'DEAD', 'PAUSED']
  const items = queues.map(({ hearer, pending, oldestSeconds, pauses, ...counts }) => ({
    name: hearer,
    ...counts,
    waiting: pending - counts.due,
    oldestDueSeconds: oldestSeconds,
    pauses: pauses.map(({ message, reason, pausedAt }) => ({
      message: message === wholeQueue ? null : message,
      reason,
      since: pausedAt.toISOString(),
    })),
  }))
  const lines = items.map((one) => {
    const paused = one.pauses.map(({ message }) => message ?? 'all').join(' ') || null
    return [one.name, one.due, `${one.oldestDueSeconds.toFixed(1)} s`, one.published, one.running, one.dead, paused]
  })
  terminal.show({ items }, drawTable(heads, lines, terminal.bold))
}
