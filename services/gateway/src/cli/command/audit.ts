import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { auditKeySchema } from '@portcullis/contracts/audit-export'
import type { AuditSound, AuditUnsound } from '@portcullis/domain/audit/verdict'
import { type VerifyOptions, verifyExport } from '@portcullis/domain/audit/verify'
import type { Command } from 'commander'
import { z } from 'zod'
import type { CliContext } from '../context.ts'
import { Ended, exitCodes, Refused } from '../ending.ts'
import { exportAudit, type ExportRange } from '../export-audit.ts'
import { addGroup, addLeaf } from '../leaf.ts'
import { showProgress } from '../progress.ts'

const keysSchema = z.object({ keys: z.array(auditKeySchema).min(1) })
const anchorsSchema = z.array(z.object({ seal: z.int().min(1), hash: z.string() })).min(1)

/** `audit verify FILE` and `audit export`. */
export function addAuditCommands(program: Command, context: CliContext): void {
  const group = addGroup(program, 'audit', 'what happened, so that nobody can have edited it')

  addLeaf(
    group,
    'verify <file>',
    'verify an export offline; names the first event that is not as it was sealed. - reads standard input',
    ['portcullis audit verify export.ndjson --keys audit-keys.json'],
  )
    .option(
      '--keys <file>',
      'keys that are trusted: a copy of /.well-known/portcullis-audit-keys; else those of the export',
    )
    .option('--anchors <file>', 'seals that an outside anchor has: JSON, [{ "seal": 42, "hash": "…" }]')
    .action(async (file: string, given: { keys?: string; anchors?: string }) => {
      const options = { ...(await readKeys(given.keys)), ...(await readAnchors(given.anchors)) }
      const verdict = await verifyExport(await openExport(context, file), options)
      context.terminal.show(verdict, verdict.ok ? describeSound(verdict) : describeUnsound(verdict))
      if (!verdict.ok) throw new Ended(exitCodes.failed)
    })

  addLeaf(group, 'export', 'write events with their seals to a file', [
    'portcullis audit export --since 2026-11-01T00:00:00Z --out november.ndjson',
  ])
    .requiredOption('--out <file>', 'where to; made anew, readable by its owner alone')
    .option('--since <moment>', 'seals made from then on: 2026-11-22T09:00:00Z')
    .option('--until <moment>', 'seals made until then')
    .option('--from-sequence <number>', 'from the seal of this event on')
    .option('--to-sequence <number>', 'up to the seal of this event')
    .action(async ({ out, ...range }: ExportRange & { out: string }) => {
      const bytes = await writeWhole(out, await exportAudit(context, range))
      context.terminal.show({ file: out, bytes }, `${out}: ${bytes} bytes. Verify it: portcullis audit verify ${out}`)
    })
}

async function openExport(context: CliContext, file: string): Promise<AsyncIterable<Uint8Array | string>> {
  if (file === '-') return process.stdin
  const size = await stat(file).catch(() => undefined)
  if (!size?.isFile()) throw new Refused('file_unreadable', `There is no file ${file}.`, exitCodes.usage)
  return tellingBytes(context, createReadStream(file), size.size)
}

async function* tellingBytes(context: CliContext, stream: AsyncIterable<Uint8Array>, total: number) {
  const progress = showProgress(context.terminal, 'verifying')
  let read = 0
  try {
    for await (const chunk of stream) {
      read += chunk.byteLength
      if (total > chunk.byteLength) progress.update(read, total)
      yield chunk
    }
  } finally {
    progress.stop()
  }
}

/** A file that is there is whole: what was cut short leaves nothing under its name. */
async function writeWhole(file: string, body: ReadableStream<Uint8Array>): Promise<number> {
  const part = `${file}.part`
  try {
    const handle = await open(part, 'w', 0o600)
    const target = handle.createWriteStream()
    await pipeline(Readable.from(body), target)
    await rename(part, file)
    return target.bytesWritten
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function readKeys(file: string | undefined): Promise<Pick<VerifyOptions, 'keys'>> {
  if (file === undefined) return {}
  const { keys } = await readJson(file, keysSchema)
  return { keys }
}

async function readAnchors(file: string | undefined): Promise<Pick<VerifyOptions, 'anchors'>> {
  return file === undefined ? {} : { anchors: await readJson(file, anchorsSchema) }
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const read = schema.safeParse(parseJson(text))
  if (read.success) return read.data
  throw new Refused('file_unreadable', `${file} cannot be read, or is not what it should be.`, exitCodes.usage)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function describeSound(found: AuditSound): string {
  return [
    `Sound: ${found.events} events in ${found.seals} seals, ${found.firstSequence ?? '-'} to ${found.lastSequence ?? '-'}; ${found.erased} erased.`,
    `Head    ${found.hash}`,
    `Newest  seal ${found.newestSeal} when it was exported`,
    `Keys    ${found.keyIds.join(', ') || '-'}${found.trusted ? '' : ' (from the export itself: give --keys to trust nobody)'}`,
  ].join('\n')
}

function describeUnsound(found: AuditUnsound): string {
  const event = found.sequence === undefined ? '' : `, event ${found.sequence}`
  const seal = found.seal === undefined ? '' : `, seal ${found.seal}`
  return `NOT sound: ${found.why} (${found.code}; line ${found.line}${seal}${event}).`
}
