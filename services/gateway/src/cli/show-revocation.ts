import type { revocationSchema } from '@portcullis/contracts/api/revocation-report'
import type { z } from 'zod'
import { drawTable } from './draw-table.ts'
import { Ended, exitCodes } from './ending.ts'
import { followOperation } from './follow-operation.ts'
import type { GatewayAccess } from './gateway-access.ts'
import { showProgress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** A bulk revocation as the gateway tells of it. */
export type ShownRevocation = z.output<typeof revocationSchema>

/** States in which nothing more happens unless somebody acts. */
const overStates: ReadonlySet<ShownRevocation['state']> = new Set(['done', 'undone', 'cancelled', 'failed'])

/** Prints a bulk revocation. */
export function showRevocation(terminal: Terminal, one: ShownRevocation): void {
  const { sessions, apiKeys, sshKeys, accounts } = one.counts
  const lines = [
    `${terminal.bold(one.id)}  ${one.state}${one.needsApproval && one.approvedBy === null ? ', needs approval by a second admin' : ''}`,
    `whom      ${JSON.stringify(one.selector)}`,
    `reason    ${one.reason}`,
    `counted   ${accounts} accounts: ${sessions} sessions, ${apiKeys} API keys, ${sshKeys} SSH keys; about ${one.estimatedSeconds} s`,
    `progress  ${one.progress.done} of ${one.progress.total} accounts`,
    ...(one.revoked ? [`revoked   ${describe(one.revoked)}`] : []),
    ...(one.restored ? [`restored  ${describe(one.restored)}`] : []),
    ...(one.undoUntil ? [`undo      until ${one.undoUntil}`] : []),
  ]
  const rows = one.sample.map((row) => [row.accountId, row.email, row.role, row.sessions, row.apiKeys, row.sshKeys])
  const heads = ['SAMPLE', 'ADDRESS', 'ROLE', 'SESSIONS', 'API KEYS', 'SSH KEYS']
  const sample = rows.length > 0 ? ['', drawTable(heads, rows, terminal.bold)] : []
  terminal.show(one, [...lines, ...sample].join('\n'))
}

/** Watches one until it is over, then prints it. Ends with 1 where it failed or was cancelled. */
export async function followRevocation(
  terminal: Terminal,
  { baseUrl, token, client }: GatewayAccess,
  one: ShownRevocation,
): Promise<void> {
  const read = async () => (await client.getRevocation({ params: { id: one.id } })).body
  let present = one
  if (!overStates.has(one.state)) {
    const progress = showProgress(terminal, one.state === 'undoing' ? 'undoing' : 'revoking')
    for await (const { progress: come, status } of followOperation({ baseUrl, token, operationId: one.operationId })) {
      progress.update(come.done, come.total, status === 'running' ? '' : status)
    }
    progress.stop()
    present = await read()
  }
  showRevocation(terminal, present)
  if (present.state === 'failed' || present.state === 'cancelled') throw new Ended(exitCodes.failed)
}

function describe(counts: NonNullable<ShownRevocation['revoked']>): string {
  return `${counts.sessions} sessions, ${counts.apiKeys} API keys, ${counts.sshKeys} SSH keys`
}
