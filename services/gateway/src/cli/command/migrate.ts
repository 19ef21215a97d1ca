import { migrateDatabase } from '@portcullis/db/migrate'
import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { addLeaf } from '../leaf.ts'
import { readDatabaseUrl } from '../with-database.ts'

/** `migrate`: brings the store to the shape of this release. */
export function addMigrateCommand(program: Command, context: CliContext): void {
  addLeaf(program, 'migrate', 'bring the store to the shape of this release; several at once are in order').action(
    async () => {
      await migrateDatabase(readDatabaseUrl(context))
      context.terminal.show({ migrated: true }, 'The store has the shape of this release.')
    },
  )
}
