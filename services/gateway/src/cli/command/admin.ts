import { issueBootstrapToken } from '@portcullis/domain/admin/issue-bootstrap-token'
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { Refused } from '../ending.ts'
import { addGroup, addLeaf } from '../leaf.ts'
import { withDatabase } from '../with-database.ts'

/** `admin create`: the token of the first admin. */
export function addAdminCommands(program: Command, context: CliContext): void {
  const group = addGroup(program, 'admin', 'the first admin')
  addLeaf(group, 'create <email>', 'print, once, the token with which the owner of an address becomes an admin', [
    'portcullis admin create ada@example.com',
  ])
    .option('--force', 'though there is an admin already; recorded')
    .action(async (email: string, options: { force?: true }) => {
      const wish = { email, force: options.force === true }
      const issued = await withDatabase(context, (database) => issueBootstrapToken(database, wish))
      if (issued.kind === 'admin_exists')
        throw new Refused(
          'admin_exists',
          'There is an admin already: one of them gives roles. --force makes a token all the same.',
        )
      if (issued.kind === 'email_refused')
        throw new Refused('email_refused', `This address cannot be used: ${issued.detail}`)
      const { token, expiresAt } = issued
      context.terminal.show(
        { token, expiresAt: expiresAt.toISOString() },
        `${token}\n\nShown once, good until ${expiresAt.toISOString()}. Logged in with a second factor, its owner sends it to POST /v1/admin/bootstrap.`,
      )
    })
}
