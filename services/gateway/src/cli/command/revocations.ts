import { readFile } from 'node:fs/promises'
import type { Client } from '@portcullis/client/create-client'
import type { draftRevocation } from '@portcullis/contracts/api/revocation'
import { revocationKinds } from '@portcullis/contracts/revocation'
import type { Command } from 'commander'
import type { z } from 'zod'
import type { CliContext } from '../context.ts'
import { drawTable } from '../draw-table.ts'
import { exitCodes, Refused } from '../ending.ts'
import { type GatewayAccess, openGatewayAccess } from '../gateway-access.ts'
import { addGroup, addLeaf, checkId, readName, readNumber, readReason } from '../leaf.ts'
import { followRevocation, showRevocation, type ShownRevocation } from '../show-revocation.ts'

type DraftBody = z.input<typeof draftRevocation.body>

interface DraftOptions {
  readonly selector: string
  readonly kind: DraftBody['kinds']
  readonly reason: string
  readonly fence?: true
  readonly rate?: number
  readonly includeOwnSession?: true
}

type Ask = (client: Client, id: string) => Promise<{ readonly body: ShownRevocation }>

/** A move, and whether there is something to watch afterwards. */
interface Move {
  readonly about: string
  readonly ask: Ask
  readonly goesOn: boolean
}

const moves: Readonly<Record<string, Move>> = {
  approve: {
    about: 'approve what another admin has drafted',
    ask: (client, id) => client.approveRevocation({ params: { id } }),
    goesOn: false,
  },
  start: {
    about: 'start it, and watch until it is over',
    ask: (client, id) => client.startRevocation({ params: { id } }),
    goesOn: true,
  },
  pause: {
    about: 'revoke nothing more until it is resumed',
    ask: (client, id) => client.pauseRevocation({ params: { id } }),
    goesOn: false,
  },
  resume: {
    about: 'go on exactly where it was, and watch',
    ask: (client, id) => client.resumeRevocation({ params: { id } }),
    goesOn: true,
  },
  cancel: {
    about: 'revoke nothing more; what was revoked stays so, and can be undone',
    ask: (client, id) => client.cancelRevocation({ params: { id } }),
    goesOn: false,
  },
  undo: {
    about: 'bring back, within 24 hours, what it revoked, and watch',
    ask: (client, id) => client.undoRevocation({ params: { id } }),
    goesOn: true,
  },
}

/** `revocations list|show|draft|approve|start|pause|resume|cancel|undo|watch`. */
export function addRevocationCommands(program: Command, context: CliContext): void {
  const group = addGroup(program, 'revocations', 'bulk revocations')
  addReading(group, context)
  addDraft(group, context)
  for (const [name, { about, ask, goesOn }] of Object.entries(moves)) {
    const leaf = addLeaf(group, name, about).argument('<id>', 'rev_…', checkId('revocation'))
    if (goesOn) leaf.option('--no-wait', 'do not watch: it goes on all the same')
    leaf.action(async (id: string, { wait }: { wait?: boolean }) => {
      const access = openGatewayAccess(context)
      const { body } = await ask(access.client, id)
      await (wait === true ? followRevocation(context.terminal, access, body) : showRevocation(context.terminal, body))
    })
  }
}

function addReading(group: Command, context: CliContext): void {
  const { terminal } = context
  const read = async ({ client }: GatewayAccess, id: string) => (await client.getRevocation({ params: { id } })).body

  addLeaf(group, 'list', 'list bulk revocations, the newest first')
    .option('--limit <count>', 'so many at most', readNumber(1, 200), 50)
    .action(async ({ limit }: { limit: number }) => {
      const { body } = await openGatewayAccess(context).client.listRevocations({ query: { limit } })
      const heads = ['ID', 'STATE', 'ACCOUNTS', 'DONE', 'CREATED', 'REASON']
      const lines = body.items.map((one) => [
        one.id,
        one.state,
        one.counts.accounts,
        one.progress.done,
        one.createdAt,
        one.reason,
      ])
      terminal.show(body, drawTable(heads, lines, terminal.bold))
    })
  addLeaf(group, 'show', 'show one: counts, sample, progress')
    .argument('<id>', 'rev_…', checkId('revocation'))
    .action(async (id: string) => showRevocation(terminal, await read(openGatewayAccess(context), id)))
  addLeaf(group, 'watch', 'watch one until it is over')
    .argument('<id>', 'rev_…', checkId('revocation'))
    .action(async (id: string) => {
      const access = openGatewayAccess(context)
      await followRevocation(terminal, access, await read(access, id))
    })
}

function addDraft(group: Command, context: CliContext): void {
  addLeaf(group, 'draft', 'say whom, and see how many: nothing is revoked before it is started', [
    `portcullis revocations draft --selector '{"network":"203.0.113.0/24"}' --kind sessions --reason "Incident 4711: phished"`,
    'portcullis revocations draft --selector @selector.json --kind sessions --kind apiKeys --reason "Incident 4711: phished"',
  ])
    .requiredOption('--selector <json>', 'whom: JSON, or @FILE with it; everyone is {"everyone": true}, alone')
    .requiredOption('--kind <kind>', `what is ended, once for each: ${revocationKinds.join(', ')}`, collectKinds)
    .requiredOption('--reason <text>', 'why: kept with the audit event', readReason)
    .option('--fence', 'raise the fence of the house when it starts: only for everyone and all kinds')
    .option('--rate <count>', 'credentials at most in a second', readNumber(1, 1_000_000))
    .option('--include-own-session', 'end the session that drafts it, too')
    .action(async ({ selector, kind, reason, fence, rate, includeOwnSession }: DraftOptions) => {
      const body: DraftBody = {
        // Guarantee: none; the gateway checks it by its schema and names what is wrong.
        selector: (await readSelector(selector)) as DraftBody['selector'],
        kinds: kind,
        reason,
        ...(fence && { fence }),
        ...(rate !== undefined && { ratePerSecond: rate }),
        ...(includeOwnSession && { includeOwnSession }),
      }
      const { body: drafted } = await openGatewayAccess(context).client.draftRevocation({ body })
      showRevocation(context.terminal, drafted)
    })
}

async function readSelector(given: string): Promise<unknown> {
  const wrong = (what: string) => new Refused('usage', `--selector ${what}`, exitCodes.usage)
  const text = given.startsWith('@')
    ? await readFile(given.slice(1), 'utf8').catch(() => Promise.reject(wrong('names a file that cannot be read')))
    : given
  try {
    return JSON.parse(text)
  } catch {
    throw wrong('must be JSON, or @FILE with it')
  }
}

function collectKinds(text: string, before: DraftBody['kinds'] = []): DraftBody['kinds'] {
  return [...new Set([...before, readName(revocationKinds)(text)])]
}
