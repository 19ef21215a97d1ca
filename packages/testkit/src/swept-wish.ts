import type { SweptKind } from './swept-kind.ts'

/** What an owner wished for that is swept: a copy of their data, the closing of their account. */
export const sweptWishes: readonly SweptKind[] = [
  {
    sweep: 'exports.expired',
    what: 'a copy of what is kept of an owner',
    seconds: 0,
    indexes: ['account_exports_expires_at', 'operations_pkey'],
    table: 'account_exports',
    key: 'id',
    write: (sql, moment) => sql`
      with owner as (
        insert into accounts (id, email, email_key, name, password_changed_at)
        select id, id || '@example.com', id || '@example.com', 'n', now() from (select uuidv7() as id) as made
        returning id
      ), operation as (
        insert into operations (id, kind, actor, status)
        select uuidv7(), 'account_export', 'account', 'done' from owner returning id
      )
      insert into account_exports (id, account_id, expires_at) select operation.id, owner.id, ${moment} from operation, owner
      returning id as key`,
  },
  {
    sweep: 'closings.old',
    what: 'the closing of an account',
    seconds: 365 * 86_400,
    indexes: ['account_closings_ended_at'],
    table: 'account_closings',
    key: 'id',
    write: (sql, moment) => sql`
      insert into account_closings (id, account_id, state, due_at, keep_salt, ended_at)
      values (uuidv7(), uuidv7(), 'erased', ${moment}, '\\x00', ${moment}) returning id as key`,
  },
]
