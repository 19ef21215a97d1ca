import type { Client } from '@portcullis/client/create-client'
import { publicId } from '@portcullis/contracts/ids'
import { Secret } from '@portcullis/runtime/secret'
import { type Command, InvalidArgumentError } from 'commander'
import type { CliContext } from '../context.ts'
import { Ended, exitCodes, Refused } from '../ending.ts'
import { followOperation, type WatchedOperation } from '../follow-operation.ts'
import { openGatewayAccess } from '../gateway-access.ts'
import { addLeaf, readReason } from '../leaf.ts'
import { showProgress } from '../progress.ts'

interface LockdownOptions {
  readonly reason: string
  readonly since?: string
  readonly wait: boolean
}

/** `lockdown ACCOUNT`: locks an account and watches until every step is proven. */
export function addLockdownCommand(program: Command, context: CliContext): void {
  addLeaf(program, 'lockdown <account>', 'lock an account down and watch until every step is proven', [
    'portcullis lockdown acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f --reason "Ticket 4711: reported by phone"',
    'portcullis lockdown ada@example.com --reason "Ticket 4711: reported by phone"',
  ])
    .requiredOption('--reason <text>', 'why: shown in the report', readReason)
    .option('--since <moment>', 'since when somebody else may have been at work: 2026-11-22T09:00:00Z', readMoment)
    .option('--no-wait', 'do not watch: it is locked all the same')
    .action(async (account: string, options: LockdownOptions) => lock(context, account, options))
}

async function lock(context: CliContext, account: string, { reason, since, wait }: LockdownOptions): Promise<void> {
  const { baseUrl, client } = openGatewayAccess(context)
  const { terminal } = context
  const id = await findAccountId(client, account)
  const body = { reason, ...(since !== undefined && { compromisedSince: since }) }
  const { body: opened, headers } = await client.lockAccountAsStaff({ params: { id }, body })
  const operationId = headers.get('location')?.split('/').at(-1) ?? ''
  terminal.tell(`Locked: from now on nothing that was issued before opens ${id}. Lockdown ${opened.id}.`)
  if (!wait) return terminal.show({ lockdown: opened.id, operation: operationId, state: opened.state }, opened.id)

  const progress = showProgress(terminal, 'containing')
  let last: WatchedOperation | undefined
  // Its own token: whoever locks the account that asks has no session left.
  for await (const operation of followOperation({ baseUrl, token: new Secret(opened.watchToken), operationId })) {
    last = operation
    const open = operation.steps.find((step) => step.state !== 'proven')
    progress.update(operation.progress.done, operation.progress.total, open ? `now ${open.step}` : 'all proven')
  }
  progress.stop()
  const status = last?.status ?? 'failed'
  terminal.show(
    {
      lockdown: opened.id,
      operation: operationId,
      state: last?.lockdown?.state ?? opened.state,
      steps: last?.steps ?? [],
    },
    status === 'done' ? 'Contained: every step is proven.' : `It ended as ${status}.`,
  )
  if (status !== 'done') throw new Ended(exitCodes.failed)
}

/** An id as it is; an address is looked up, and must be somebody's very own. */
async function findAccountId(client: Client, account: string): Promise<string> {
  if (publicId('account').safeParse(account).success) return account
  if (!account.includes('@'))
    throw new Refused('usage', 'An account is named by its id (acc_…) or its address.', exitCodes.usage)
  const { body } = await client.searchAccounts({ query: { emailPrefix: account } })
  const found = body.items.find(({ email }) => email.toLowerCase() === account.toLowerCase())
  if (!found) throw new Refused('not_found', 'No account has this address.')
  return found.id
}

function readMoment(text: string): string {
  const moment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(moment)) return text
  throw new InvalidArgumentError('must be a moment in UTC: 2026-11-22T09:14:07Z')
}
