import { Command } from 'commander'
import type { CliContext } from './context.ts'
import { endWith, exitCodes } from './ending.ts'

/** Puts commands on the program. */
type AddCommands = (program: Command, context: CliContext) => void

/**
 * The commands and what each needs, which is loaded only where it is asked for: nobody waits for a database driver to see a list
 * of words.
 */
const commands: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<AddCommands> }>> = {
  migrate: {
    about: 'bring the store to the shape of this release',
    load: async () => (await import('./command/migrate.ts')).addMigrateCommand,
  },
  admin: { about: 'the first admin', load: async () => (await import('./command/admin.ts')).addAdminCommands },
  client: {
    about: 'back ends of the product that call with a secret of their own',
    load: async () => (await import('./command/client.ts')).addClientCommands,
  },
  audit: {
    about: 'what happened, so that nobody can have edited it',
    load: async () => (await import('./command/audit.ts')).addAuditCommands,
  },
  jobs: { about: 'jobs that were given up', load: async () => (await import('./command/jobs.ts')).addJobCommands },
  queues: {
    about: 'how far behind each service is, and pauses',
    load: async () => (await import('./command/queues.ts')).addQueueCommands,
  },
  revocations: {
    about: 'bulk revocations',
    load: async () => (await import('./command/revocations.ts')).addRevocationCommands,
  },
  lockdown: {
    about: 'lock an account down and watch until every step is proven',
    load: async () => (await import('./command/lockdown.ts')).addLockdownCommand,
  },
}

const helpAfter = `
Settings (from the environment):
  DATABASE_URL       the store, for migrate, admin, client, jobs and queues
  PORTCULLIS_URL     the gateway, for revocations, lockdown and audit export
  PORTCULLIS_TOKEN   a session token of an admin with a second factor; changes need a proof within 10 minutes

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or setting, 3 the store or the gateway is away.

Examples:
  portcullis migrate
  portcullis jobs dead --json
  portcullis queues pause notifier --message deliver.webhook --reason "The receiver is in maintenance"
  portcullis audit verify export.ndjson`

/** Runs one command of the `portcullis` command line; answers with its exit code and never throws. */
export async function runCli(words: readonly string[], context: CliContext): Promise<number> {
  const { terminal } = context
  const program = new Command('portcullis')
    .description('Operates a Portcullis house.')
    .helpCommand(false)
    .showHelpAfterError('(--help tells more)')
    .addHelpText('after', helpAfter)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text),
      writeErr: (text) => terminal.complain({ code: 'usage', detail: text.trim() }, text.trimEnd()),
    })
  const asked = words.find((word) => Object.hasOwn(commands, word))
  for (const [name, { about, load }] of Object.entries(commands)) {
    if (name === asked) (await load())(program, context)
    else program.command(name).description(about)
  }
  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCodes.ok
  } catch (error) {
    return endWith(error, terminal)
  }
}
