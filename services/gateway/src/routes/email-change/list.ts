import { formatId } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { type EmailChangeRow, listEmailChanges } from '@portcullis/db/queries/email-change'
import { withStore } from '@portcullis/db/transaction'
import type { Route } from '../../http/mount.ts'

const shownMost = 20

/** `GET /v1/account/email-changes`. */
export function listEmailChangesRoute(database: Database): Route<'listEmailChanges'> {
  return async ({ accountId }) => {
    const rows = await withStore(database, (queries) => listEmailChanges(queries, accountId, shownMost))
    return { status: 200, body: { items: rows.map(showEmailChange), nextCursor: null } }
  }
}

function showEmailChange({ id, newEmail, state, ...change }: EmailChangeRow): Record<string, unknown> {
  return {
    id: formatId('emailChange', id),
    state,
    email: newEmail,
    requestedAt: change.requestedAt.toISOString(),
    expiresAt: change.expiresAt.toISOString(),
    confirmedAt: change.confirmedAt?.toISOString() ?? null,
    revertUntil: change.revertUntil?.toISOString() ?? null,
    endedAt: change.endedAt?.toISOString() ?? null,
  }
}
