import { clientScopes, type ClientScope } from '@portcullis/contracts/client-scope'
import { formatId, type Id } from '@portcullis/contracts/ids'
import { apiClientsMost, listApiClients } from '@portcullis/db/queries/api-client'
import { withStore } from '@portcullis/db/transaction'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { revokeApiClient } from '@portcullis/domain/api-client/revoke'
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { drawTable } from '../draw-table.ts'
import { Refused } from '../ending.ts'
import { addGroup, addLeaf, readId, readName, readReason } from '../leaf.ts'
import { withDatabase } from '../with-database.ts'

// Guarantee: they are the keys of that very object.
const scopeNames = Object.keys(clientScopes) as ClientScope[]

/** `client create|list|revoke`: back ends of the product. */
export function addClientCommands(program: Command, context: CliContext): void {
  const { terminal } = context
  const group = addGroup(program, 'client', 'back ends of the product that call with a secret of their own')

  addLeaf(group, 'create <name>', 'make an API client and print its secret, once', [
    'portcullis client create Shop --scope introspect --scope revoke',
  ])
    .requiredOption('--scope <scope>', `what it may do, once for each: ${scopeNames.join(', ')}`, collectScopes)
    .action(async (name: string, { scope: [first, ...rest] }: { scope: ClientScope[] }) => {
      if (first === undefined) return
      const wish = { name, scopes: [first, ...rest] as const }
      const { id, secret } = await withDatabase(context, (database) => createApiClient(database, wish))
      terminal.show(
        { id: formatId('apiClient', id), secret, name, scopes: wish.scopes },
        `${formatId('apiClient', id)}\n${secret}\n\nThe secret is shown once: give it to the client now.`,
      )
    })

  addLeaf(group, 'list', 'list API clients, the newest first, also those that were revoked').action(async () => {
    const rows = await withDatabase(context, (database) =>
      withStore(database, (queries) => listApiClients(queries, null, apiClientsMost)),
    )
    const items = rows.map((row) => ({ ...row, id: formatId('apiClient', row.id) }))
    const lines = items.map((one) => [one.id, one.name, one.scopes.join(' '), one.revokedAt ? 'revoked' : 'alive'])
    terminal.show({ items }, drawTable(['ID', 'NAME', 'SCOPES', 'STATE'], lines, terminal.bold))
  })

  addLeaf(group, 'revoke', 'revoke an API client: its secret is refused at once, on every node')
    .argument('<id>', 'cli_…', readId('apiClient'))
    .requiredOption('--reason <text>', 'why: kept with the audit event', readReason)
    .action(async (id: Id<'apiClient'>, { reason }: { reason: string }) => {
      const wasAlive = await withDatabase(context, (database) => revokeApiClient(database, id, reason))
      if (!wasAlive) throw new Refused('not_found', 'There is no such client, or it was revoked already.')
      terminal.show({ id: formatId('apiClient', id), revoked: true }, 'Revoked.')
    })
}

function collectScopes(text: string, before: readonly ClientScope[] = []): ClientScope[] {
  return [...new Set([...before, readName(scopeNames)(text)])]
}
