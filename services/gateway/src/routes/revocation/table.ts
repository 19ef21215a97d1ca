import { Failure } from '@portcullis/contracts/errors'
import { findRevocation, listRevocations } from '@portcullis/db/queries/revocation'
import { listTargets } from '@portcullis/db/queries/revocation-target'
import { withStore } from '@portcullis/db/transaction'
import { moveRevocation } from '@portcullis/domain/revocation/move'
import type { RevocationMove } from '@portcullis/domain/revocation/rules'
import type { AppDeps } from '../../app-deps.ts'
import type { Answer, Call, Routes } from '../../http/mount.ts'
import { draftRevocationRoute } from './draft.ts'
import { getRevocationReportRoute } from './report.ts'
import { showRevocation, showTarget } from './show.ts'
import { showRevocationNow } from './show-now.ts'

/** The calls of bulk revocations. */
type RevocationRoutes = Pick<
  Routes,
  | 'draftRevocation'
  | 'listRevocations'
  | 'getRevocation'
  | 'approveRevocation'
  | 'startRevocation'
  | 'pauseRevocation'
  | 'resumeRevocation'
  | 'cancelRevocation'
  | 'undoRevocation'
  | 'listRevocationTargets'
  | 'getRevocationReport'
>

const pageRows = 50

/** Every call of bulk revocations with what the gateway does on it. */
export function createRevocationRoutes(deps: AppDeps): RevocationRoutes {
  const { database } = deps
  const moving =
    (how: RevocationMove) =>
    async ({
      session,
      caller,
      params,
    }: Pick<Call<'startRevocation'>, 'session' | 'caller' | 'params'>): Promise<Answer> => {
      if (!(await moveRevocation(database, { session, caller }, params.id, how))) throw new Failure('not_found')
      return { status: 200, body: await showRevocationNow(deps, params.id) }
    }
  return {
    draftRevocation: draftRevocationRoute(deps),
    listRevocations: async ({ query }) => {
      const { limit = pageRows, cursor: before = null } = query
      // One more than asked for tells whether there is a next page.
      const rows = await withStore(database, (queries) => listRevocations(queries, { before, limit: limit + 1 }))
      const shown = rows.slice(0, limit)
      const items = shown.map((row) => ({ ...showRevocation(row), sample: [] }))
      return { status: 200, body: { items, nextCursor: cursorOf(rows.length > limit, shown.at(-1)?.id) } }
    },
    getRevocation: async ({ params }) => ({ status: 200, body: await showRevocationNow(deps, params.id) }),
    approveRevocation: moving('approve'),
    startRevocation: moving('start'),
    pauseRevocation: moving('pause'),
    resumeRevocation: moving('resume'),
    cancelRevocation: moving('cancel'),
    undoRevocation: moving('undo'),
    listRevocationTargets: async ({ params, query }) => {
      const { limit = pageRows, cursor: after = null, state = null } = query
      if (!(await withStore(database, (queries) => findRevocation(queries, params.id)))) throw new Failure('not_found')
      const page = { state, after, limit: limit + 1 }
      const rows = await withStore(database, (queries) => listTargets(queries, params.id, page))
      const shown = rows.slice(0, limit)
      const nextCursor = cursorOf(rows.length > limit, shown.at(-1)?.accountId)
      return { status: 200, body: { items: shown.map(showTarget), nextCursor } }
    },
    getRevocationReport: getRevocationReportRoute(deps),
  }
}

function cursorOf(hasMore: boolean, last: string | undefined): string | null {
  return hasMore && last !== undefined ? last.replaceAll('-', '') : null
}
