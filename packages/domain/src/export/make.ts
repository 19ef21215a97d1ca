import { accountExportFormat, type ExportKind, exportKinds } from '@portcullis/contracts/account-export'
import type { Id } from '@portcullis/contracts/ids'
import {
  deleteExportParts,
  insertExportPart,
  lockRunningExport,
  updateExportFailed,
  updateExportProgress,
  updateExportReady,
} from '@portcullis/db/queries/account-export'
import { listExported } from '@portcullis/db/queries/account-export-section'
import type { Tx } from '@portcullis/db/transaction'
import type { Clock } from '@portcullis/runtime/clock'
import type { Sealer } from '@portcullis/runtime/seal'
import { recordFacts } from '../audit/record.ts'
import { notifyOwner } from '../notice/notify.ts'
import { sealPart } from './sealing.ts'

/** Rows of one part: some hundred kilobytes at most. */
const partRows = 200

/** For so long an export can be fetched. */
const readyHours = 24

/** What exports are made with. */
export interface MakeExportDeps {
  readonly sealer: Sealer
  readonly clock: Clock
  /** Default 200. */
  readonly partRows?: number
}

/** What came of it. `gone`: it was made, failed or erased already. `refused`: the account is not active any more. */
export type MadeExport = 'ready' | 'gone' | 'refused'

/** Runs one short transaction. */
type Step = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

/** Thrown inside a step, so that nothing of it is kept. */
class Over extends Error {
  override readonly name = 'Over'
  readonly made: MadeExport
  constructor(made: MadeExport) {
    super(made)
    this.made = made
  }
}

/**
 * Gathers all that is kept of an owner, page by page, each sealed as a part of its own: so much is in memory at a time, however
 * long the history. Repeated after a crash it begins anew. An account that was locked meanwhile gets none.
 */
export async function makeExport(
  deps: MakeExportDeps,
  id: Id<'operation'>,
  traceparent: string,
  step: Step,
): Promise<MadeExport> {
  const writer = createWriter(deps, id, step)
  try {
    const header = { type: 'header', format: accountExportFormat, exportedAt: deps.clock.now().toISOString() }
    await writer.begin(header)
    const counts: Record<string, number> = {}
    for (const [place, kind] of exportKinds.entries()) counts[kind] = await writer.gather(kind, place + 1)
    await writer.end({ type: 'end', counts }, traceparent)
    return 'ready'
  } catch (error) {
    if (!(error instanceof Over)) throw error
    if (error.made === 'refused') await step((tx) => updateExportFailed(tx, id, 'account_not_active'))
    return error.made
  }
}

function createWriter({ sealer, clock, partRows: most = partRows }: MakeExportDeps, id: Id<'operation'>, step: Step) {
  let part = 0

  /** One step on an export that is still to be made, of an account that may have it. */
  function onRunning<T>(work: (tx: Tx, accountId: Id<'account'>) => Promise<T>): Promise<T> {
    return step(async (tx) => {
      const running = await lockRunningExport(tx, id)
      if (!running) throw new Over('gone')
      if (running.accountState !== 'active') throw new Over('refused')
      return work(tx, running.accountId)
    })
  }

  async function write(tx: Tx, lines: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    if (lines.length === 0) return
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    await insertExportPart(tx, id, part, sealPart(sealer, id, part, text))
  }

  return {
    async begin(header: Readonly<Record<string, unknown>>): Promise<void> {
      await onRunning(async (tx) => {
        await deleteExportParts(tx, id)
        await write(tx, [header])
      })
      part += 1
    },
    async gather(kind: ExportKind, done: number): Promise<number> {
      let count = 0
      for (let after: string | undefined; ;) {
        const from = after
        const rows = await onRunning(async (tx, accountId) => {
          const page = await listExported(tx, kind, accountId, from, most)
          const lines = page.map(({ key: _key, ...line }) => ({ type: kind, ...line }))
          await write(tx, lines)
          if (page.length < most) await updateExportProgress(tx, id, done)
          return page
        })
        if (rows.length > 0) part += 1
        count += rows.length
        after = rows.at(-1)?.key
        if (rows.length < most) return count
      }
    },
    async end(last: Readonly<Record<string, unknown>>, traceparent: string): Promise<void> {
      await onRunning(async (tx, accountId) => {
        await write(tx, [last])
        await updateExportReady(tx, id, readyHours)
        const subject = { kind: 'account_export', id }
        await recordFacts(tx, [
          { action: 'account_exported', accountId, actor: 'system', subject, details: { parts: part + 1 } },
        ])
        const expiresAt = new Date(clock.now().getTime() + readyHours * 3_600_000).toISOString()
        const caller = { ip: null, userAgent: null, traceparent }
        await notifyOwner(tx, { accountId, kind: 'data_exported', caller, details: { expiresAt } })
      })
    },
  }
}
