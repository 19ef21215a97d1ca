import { connectDatabase, type Database } from '@portcullis/db/connect'
import { readConfig } from '@portcullis/runtime/config'
import { serviceSettings } from '@portcullis/runtime/service'
import type { CliContext } from './context.ts'

const { DATABASE_URL } = serviceSettings

/** The address of the store. Throws a `ConfigError` where it is missing. */
export function readDatabaseUrl({ env }: CliContext): { reveal(): string } {
  return readConfig({ DATABASE_URL }, env).DATABASE_URL
}

/** Works on the store and closes it, whatever comes of it. A store that is away is told within ten seconds. */
export async function withDatabase<T>(context: CliContext, work: (database: Database) => Promise<T>): Promise<T> {
  const url = readDatabaseUrl(context).reveal()
  const database = connectDatabase({ url, name: 'command line', poolSize: 2, deadlineMs: 10_000 })
  try {
    return await work(database)
  } finally {
    await database.close(1)
  }
}
