import type { CliContext } from './context.ts'
import { exitCodes, Refused } from './ending.ts'
import { openGatewayAccess } from './gateway-access.ts'

/** What is exported, as it was typed; what is absent does not bound. */
export interface ExportRange {
  readonly since?: string
  readonly until?: string
  readonly fromSequence?: string
  readonly toSequence?: string
}

/** Asks the gateway for an export and gives its stream: it may be longer than any memory. Throws `Refused`. */
export async function exportAudit(context: CliContext, range: ExportRange): Promise<ReadableStream<Uint8Array>> {
  const { baseUrl, token } = openGatewayAccess(context)
  const given = Object.entries(range).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const url = `${baseUrl}/v1/admin/audit-events/export?${new URLSearchParams(given).toString()}`
  const headers = { accept: 'application/x-ndjson', authorization: `Bearer ${token.reveal()}` }
  const answer = await fetch(url, { redirect: 'error', headers }).catch(() => undefined)
  if (!answer || answer.status === 503)
    throw new Refused('gateway_away', 'The gateway does not answer, or the store is away.', exitCodes.away)
  if (!answer.ok || !answer.body) {
    const says = new Map([
      [401, 'PORTCULLIS_TOKEN is no living session.'],
      [
        403,
        'The session may not export the audit: it must be an admin’s, with a second factor, and proved within 10 minutes.',
      ],
      [422, 'The range is not one: moments are in UTC (2026-11-22T09:00:00Z), numbers whole.'],
    ])
    throw new Refused(`http_${answer.status}`, says.get(answer.status) ?? `The gateway answered ${answer.status}.`)
  }
  return answer.body
}
