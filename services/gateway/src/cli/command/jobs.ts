import { formatId, type Id } from '@portcullis/contracts/ids'
import { type MessageName, messages } from '@portcullis/contracts/messages/index'
import type { Service } from '@portcullis/contracts/service'
import { type JobRow, listJobs } from '@portcullis/db/queries/dead-job'
import { withStore } from '@portcullis/db/transaction'
import { discardJob, replayJob, replayJobs, replayRatePerSecond } from '@portcullis/domain/job/replay'
import { queueNames } from '@portcullis/domain/queue-pause/rules'
import { type Command, Option } from 'commander'
import type { CliContext } from '../context.ts'
import { drawTable } from '../draw-table.ts'
import { exitCodes, Refused } from '../ending.ts'
import { addGroup, addLeaf, readId, readName, readNumber, readReason } from '../leaf.ts'
import { withDatabase } from '../with-database.ts'

// Guarantee: they are the keys of that very object.
const messageNames = Object.keys(messages) as MessageName[]
const operator = { kind: 'command_line' } as const

interface FilterOptions {
  readonly message?: MessageName
  readonly hearer?: Service
  readonly code?: string
}

interface ReplayOptions extends FilterOptions {
  readonly all?: true
  readonly everything?: true
  readonly rate: number
  readonly reason: string
}

/** `jobs dead|replay|discard`: what was given up. */
export function addJobCommands(program: Command, context: CliContext): void {
  const { terminal } = context
  const group = addGroup(program, 'jobs', 'jobs that were given up')

  withFilter(addLeaf(group, 'dead', 'list dead jobs, the newest first', ['portcullis jobs dead --message send.notice']))
    .option('--limit <count>', 'so many at most', readNumber(1, 1000), 50)
    .action(async ({ limit, ...options }: FilterOptions & { limit: number }) => {
      const { rows, lastId } = await withDatabase(context, (database) =>
        withStore(database, (queries) =>
          listJobs(queries, 'dead', filterOf(options), { beforeId: undefined, most: limit }),
        ),
      )
      const table = drawTable(
        ['ID', 'MESSAGE', 'HEARER', 'CODE', 'ATTEMPTS', 'GIVEN UP'],
        rows.map(lineOf),
        terminal.bold,
      )
      terminal.show(
        { items: rows.map(showJob), more: lastId !== undefined },
        rows.length === 0 ? 'No dead jobs.' : table,
      )
    })

  withFilter(
    addLeaf(group, 'replay', 'make dead jobs due again, as the same jobs: what they did already is not done again', [
      'portcullis jobs replay job_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f --reason "The relay host is back"',
      'portcullis jobs replay --all --message send.notice --reason "The relay host is back"',
    ]),
  )
    .argument('[id]', 'job_…', readId('job'))
    .option('--all', 'all that --message, --hearer and --code find: 10,000 of the oldest at a time')
    .addOption(new Option('--everything', 'every dead job').conflicts(['all', 'message', 'hearer', 'code']))
    .option('--rate <count>', 'so many become due in a second', readNumber(1, 1000), replayRatePerSecond)
    .requiredOption('--reason <text>', 'why: kept with the audit event', readReason)
    .action(async (id: Id<'job'> | undefined, options: ReplayOptions) => {
      const done = await replay(context, id, options)
      terminal.show(done, 'replayed' in done ? `${done.replayed} replayed, ${done.left} left.` : 'Replayed.')
    })

  addLeaf(group, 'discard', 'end a dead job as done: what it was to do is not done')
    .argument('<id>', 'job_…', readId('job'))
    .requiredOption('--reason <text>', 'why: kept with the audit event', readReason)
    .action(async (id: Id<'job'>, { reason }: { reason: string }) => {
      const job = await withDatabase(context, (database) => discardJob(database, { operator, id, reason }))
      terminal.show(showJob(job), 'Discarded.')
    })
}

async function replay(context: CliContext, id: Id<'job'> | undefined, options: ReplayOptions) {
  const { all, everything, reason, rate: ratePerSecond } = options
  const filter = filterOf(options)
  const isFiltered = Object.values(filter).some((one) => one !== undefined)
  const ways = [id !== undefined && !isFiltered, all === true && isFiltered, everything === true]
  if (ways.filter(Boolean).length !== 1 || (id !== undefined && (all || everything)))
    throw new Refused(
      'usage',
      'Say which: an id, or --all with --message, --hearer or --code, or --everything.',
      exitCodes.usage,
    )
  return withDatabase(context, async (database) =>
    id === undefined
      ? replayJobs(database, operator, { ...filter, ...(everything && { everything }), ratePerSecond, reason })
      : showJob(await replayJob(database, { operator, id, reason })),
  )
}

function withFilter(command: Command): Command {
  return command
    .option('--message <name>', 'only this message', readName(messageNames))
    .option('--hearer <service>', 'only of this service', readName(queueNames))
    .option('--code <code>', 'only those that ended with this code')
}

function filterOf({ message, hearer, code }: FilterOptions): FilterOptions {
  return { ...(message && { message }), ...(hearer && { hearer }), ...(code !== undefined && { code }) }
}

function showJob(job: JobRow) {
  return { ...job, id: formatId('job', job.id) }
}

function lineOf(job: JobRow) {
  const endedAt = job.endedAt?.toISOString() ?? null
  return [formatId('job', job.id), job.message, job.hearer, job.code, job.attempts, endedAt]
}
