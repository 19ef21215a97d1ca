import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { accountExports } from './account-exports.ts'

/**
 * Some lines of an export, sealed, so that nobody ever holds all of it at once. Leaves with its export. Personal: all of it.
 * Secret: `lines_sealed` (AES-256-GCM, bound to this row).
 */
export const accountExportParts = pgTable(
  'account_export_parts',
  {
    exportId: uuid()
      .notNull()
      .references(() => accountExports.id, { onDelete: 'cascade' }),
    /** 0, 1, 2 … */
    part: integer().notNull(),
    linesSealed: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.exportId, t.part] })],
)
