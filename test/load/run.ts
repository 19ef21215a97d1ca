import { parseArgs } from 'node:util'
import { watchParent } from '@portcullis/local/parent'
import { openGround } from './ground.ts'
import { measureAccept } from './measure/accept.ts'
import { measureAccountSearch } from './measure/account-search.ts'
import { measureAuditSeal } from './measure/audit-seal.ts'
import { measureLockdown } from './measure/lockdown.ts'
import { measureBulkRevocation } from './measure/bulk-revocation.ts'
import { measureFence } from './measure/fence.ts'
import { measureLogin } from './measure/login.ts'
import { measureLedger } from './measure/ledger.ts'
import type { Measurement } from './measure/measurement.ts'
import { measureResetLatency } from './measure/reset-latency.ts'
import { measureResetMail } from './measure/reset-mail.ts'
import { measureSessionCheckPeer } from './measure/session-check-peer.ts'
import { measureSessionScale } from './measure/session-scale.ts'
import { measureIntrospection, measureSessionCheck } from './measure/session-check.ts'
import { measureStart } from './measure/start.ts'
import { measureSweep } from './measure/sweep.ts'
import { measureWebhooks } from './measure/webhooks.ts'
import { reportJson, reportTable } from './report.ts'

const measurements: Readonly<Record<string, Measurement>> = {
  accept: measureAccept,
  ledger: measureLedger,
  'reset-mail': measureResetMail,
  'reset-latency': measureResetLatency,
  start: measureStart,
  'session-check': measureSessionCheck,
  'session-check-peer': measureSessionCheckPeer,
  introspection: measureIntrospection,
  login: measureLogin,
  'session-scale': measureSessionScale,
  'audit-seal': measureAuditSeal,
  webhooks: measureWebhooks,
  lockdown: measureLockdown,
  sweep: measureSweep,
  'bulk-revocation': measureBulkRevocation,
  fence: measureFence,
  'account-search': measureAccountSearch,
}

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean' }, plans: { type: 'boolean' }, rows: { type: 'string' } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !Object.hasOwn(measurements, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no ${unknown.join(', ')}. There is: ${Object.keys(measurements).join(', ')}.\n`)
  process.exit(2)
}
const tableRows = values.rows === undefined ? undefined : Number(values.rows)
if (tableRows !== undefined && !(Number.isInteger(tableRows) && tableRows >= 10_000)) {
  process.stderr.write('--rows must be a whole number, 10000 at least.\n')
  process.exit(2)
}
watchParent(() => process.exit(1))

const report = values.json ? reportJson() : reportTable({ showsPlans: values.plans ?? false })
// What people read while they wait never mixes with what a program reads.
const say = (line: string): void => void process.stderr.write(`  ${line}\n`)
const ground = await openGround()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void ground.close().finally(() => process.exit(1)))

for (const [name, measure] of Object.entries(measurements)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue
  const ends: (() => Promise<unknown>)[] = []
  const began = performance.now()
  try {
    const rows = await measure({
      ground,
      ...(tableRows !== undefined && { rows: tableRows }),
      say: (line) => say(`${name}: ${line}`),
      later: (end) => void ends.push(end),
    })
    for (const row of rows) report.row(row)
    say(`${name} took ${Math.round((performance.now() - began) / 1000)} s`)
  } catch (error) {
    process.exitCode = 1
    say(`${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
await ground.close()
report.end()
