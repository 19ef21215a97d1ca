import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { moment } from './column.ts'
import { rentals } from './rentals.ts'
import { sshKeys } from './ssh-keys.ts'

/** One SSH key on one rented server: whether it is to be there, and whether the host has fetched that. */
export const rentalKeys = pgTable(
  'rental_keys',
  {
    rentalId: text()
      .notNull()
      .references(() => rentals.id, { onDelete: 'cascade' }),
    sshKeyId: uuid()
      .notNull()
      .references(() => sshKeys.id, { onDelete: 'cascade' }),
    /** pending -> deployed -> withdrawn; a pending one may be withdrawn at once. */
    state: text({ enum: ['pending', 'deployed', 'withdrawn'] })
      .notNull()
      .default('pending'),
    changedAt: moment().notNull().defaultNow(),
    /** When the host fetched its keys after that change. */
    confirmedAt: moment(),
  },
  (t) => [
    primaryKey({ columns: [t.rentalId, t.sshKeyId] }),
    index('rental_keys_key').on(t.sshKeyId),
    check('rental_keys_state', sql`${t.state} in ('pending', 'deployed', 'withdrawn')`),
  ],
)
