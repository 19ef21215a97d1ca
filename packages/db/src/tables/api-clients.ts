import { pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { bytes, moment } from './column.ts'

/** A back end of the product that calls with a secret and scopes of its own. Secret: `secret_hash` (SHA-256). */
export const apiClients = pgTable(
  'api_clients',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    secretHash: bytes().notNull(),
    scopes: text().array().notNull(),
    createdAt: moment().notNull().defaultNow(),
    revokedAt: moment(),
  },
  (t) => [uniqueIndex('api_clients_secret_hash').on(t.secretHash)],
)
