import { type NoticeKind, noticeKinds } from '@portcullis/contracts/notice-kind'
import { sql } from 'drizzle-orm'
import { check, index, inet, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { accounts } from './accounts.ts'
import { bytes, json, moment } from './column.ts'

/**
 * Something an owner must be told: what, when, from where. Also the feed of security events in `activity`. Leaves after
 * 90 days. Personal: `ip`, `user_agent`. Secret: `link_salt`, `link_hash`.
 */
export const notices = pgTable(
  'notices',
  {
    id: uuid().primaryKey(),
    accountId: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: 'cascade' }),
    kind: text().$type<NoticeKind>().notNull(),
    ip: inet(),
    userAgent: text(),
    /** What a mail says besides, by kind: ids, names that the owner gave, counts. No secret. */
    details: json<Record<string, unknown>>(),
    /** The lockdown that it tells of, if it does. */
    lockdownId: uuid(),
    occurredAt: moment().notNull().defaultNow(),
    /** When the mail that tells of it was taken by the mail server. */
    mailedAt: moment(),
    /** The notice whose mail tells of this one as well. */
    foldedInto: uuid(),
    /** How many of a kind its mail tells of. */
    times: integer().notNull().default(1),
    /** The "this wasn't me" link is an HMAC of the id and this salt under a key outside the database. */
    linkSalt: bytes(),
    linkHash: bytes(),
    linkExpiresAt: moment(),
    linkUsedAt: moment(),
  },
  (t) => [
    check('notices_kind', sql.raw(`kind in (${noticeKinds.map((kind) => `'${kind}'`).join(', ')})`)),
    index('notices_account').on(t.accountId, t.id),
    index('notices_unmailed')
      .on(t.accountId, t.kind)
      .where(sql`mailed_at is null and folded_into is null`),
    uniqueIndex('notices_link_hash')
      .on(t.linkHash)
      .where(sql`link_hash is not null`),
    index('notices_lockdown')
      .on(t.lockdownId)
      .where(sql`lockdown_id is not null`),
  ],
)
