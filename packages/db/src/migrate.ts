import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

/** Any number that no other program uses for an advisory lock of this database. */
const migrationLock = 727_001

/** Brings the store to this release's shape. Several at once are in order: they wait for each other. */
export async function migrateDatabase(url: { reveal(): string }): Promise<void> {
  // One connection: the lock belongs to the session.
  const sql = postgres(url.reveal(), { max: 1, onnotice: () => {} })
  try {
    await sql`select pg_advisory_lock(${migrationLock})`
    await migrate(drizzle(sql), { migrationsFolder: fileURLToPath(new URL('../migrations', import.meta.url)) })
  } finally {
    await sql.end({ timeout: 5 })
  }
}
