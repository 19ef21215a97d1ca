import {
  type AuditEnd,
  type AuditEndLine,
  type AuditEventLine,
  type AuditKey,
  type AuditLine,
  type AuditSeal,
  type AuditSealLine,
  auditLineSchema,
} from '@portcullis/contracts/audit-export'
import { genesisHash, nextHash, recordOf } from './chain.ts'
import { brokenCommitments } from './commitment.ts'
import { LineTooLong, readLines } from './read-lines.ts'
import { type SignatureCheck, signatureCheckBy, type SignedAs } from './signature.ts'
import { type AuditFaultCode, auditFaults, type AuditUnsound, type AuditVerdict } from './verdict.ts'

/** What a verification may be held against besides the file. */
export interface VerifyOptions {
  /** Public keys that are trusted, from `/.well-known/portcullis-audit-keys` or older notes. Absent: those of the file. */
  readonly keys?: readonly Pick<AuditKey, 'x'>[]
  /** Seals that an outside anchor has: each must be in the export, and be the same. */
  readonly anchors?: readonly { readonly seal: number; readonly hash: string }[]
}

class Fault extends Error {
  override readonly name = 'Fault'
  readonly verdict: Omit<AuditUnsound, 'ok' | 'why' | 'line'>

  constructor(code: AuditFaultCode, at: { readonly sequence?: number; readonly seal?: number } = {}) {
    super(code)
    this.verdict = { code, ...at }
  }
}

/** How far the chain was followed. */
interface Progress {
  seals: number
  events: number
  erased: number
  firstSeal: number
  firstSequence: number | null
  hash: string
  seal: AuditSealLine | undefined
  /** Sequence of the last event that was read. */
  sequence: number
  header: boolean
  end: AuditEndLine | undefined
  check: SignatureCheck
  readonly keyIds: Set<string>
  readonly anchors: Map<number, string>
}

/**
 * Verifies an export (NDJSON, any contiguous range of seals) without any store: every record against the chain, every value
 * against its commitment, every seal and the end against its signature. Names the first event or seal that is not as it was
 * sealed. Reads the stream once, and holds one line at a time. Never throws for what the file says; an error of the stream
 * itself is thrown on.
 */
export async function verifyExport(
  stream: AsyncIterable<Uint8Array | string>,
  options: VerifyOptions = {},
): Promise<AuditVerdict> {
  const progress = begin(options)
  let line = 0
  try {
    for await (const text of readLines(stream)) {
      line += 1
      follow(progress, readLine(text), options.keys === undefined)
    }
    return conclude(progress, options.keys !== undefined)
  } catch (error) {
    const fault = error instanceof LineTooLong ? new Fault('line_malformed') : error
    if (!(fault instanceof Fault)) throw error
    return { ok: false, why: auditFaults[fault.verdict.code], line, ...fault.verdict }
  }
}

function begin({ keys, anchors = [] }: VerifyOptions): Progress {
  return {
    seals: 0,
    events: 0,
    erased: 0,
    firstSeal: 0,
    firstSequence: null,
    hash: genesisHash,
    seal: undefined,
    sequence: 0,
    header: false,
    end: undefined,
    check: signatureCheckBy(keys ?? []),
    keyIds: new Set(),
    anchors: new Map(anchors.map(({ seal, hash }) => [seal, hash])),
  }
}

function readLine(text: string): AuditLine {
  try {
    const read = auditLineSchema.safeParse(JSON.parse(text))
    if (read.success) return read.data
  } catch {
    // Told below.
  }
  throw new Fault('line_malformed')
}

function follow(progress: Progress, line: AuditLine, ownKeys: boolean): void {
  if (progress.end !== undefined || (line.kind === 'header') === progress.header) throw new Fault('line_out_of_place')
  if (line.kind === 'header') {
    progress.header = true
    if (ownKeys) progress.check = signatureCheckBy(line.keys)
  } else if (line.kind === 'seal') followSeal(progress, line)
  else if (line.kind === 'event') followEvent(progress, line)
  else followEnd(progress, line)
}

function followSeal(progress: Progress, line: AuditSealLine): void {
  closeSeal(progress)
  const { kind: _kind, signature, ...content } = line
  const { seal: before } = progress
  if (before !== undefined && line.seal !== before.seal + 1)
    throw new Fault(line.seal > before.seal ? 'seal_missing' : 'line_out_of_place', { seal: before.seal + 1 })
  checkSignature(progress, 'audit-seal:v1', content, signature, { seal: line.seal })
  const isFirst = before === undefined
  const fits =
    line.events === line.lastSequence - line.firstSequence + 1 &&
    (line.seal === 1) === (line.previousHash === genesisHash && line.firstSequence === 1) &&
    (isFirst || (line.previousHash === progress.hash && line.firstSequence === progress.sequence + 1))
  if (!fits) throw new Fault('seal_changed', { seal: line.seal })
  if (isFirst) {
    progress.firstSeal = line.seal
    progress.firstSequence = line.firstSequence
    progress.hash = line.previousHash
    progress.sequence = line.firstSequence - 1
  }
  progress.seal = line
  progress.seals += 1
}

function followEvent(progress: Progress, line: AuditEventLine): void {
  const { seal } = progress
  const wanted = progress.sequence + 1
  if (seal === undefined) throw new Fault('seal_missing', { sequence: line.sequence })
  // The seal says where it ends, and its signature holds: what comes now was not in it.
  if (wanted > seal.lastSequence) {
    if (line.sequence >= wanted) throw new Fault('seal_missing', { seal: seal.seal + 1, sequence: line.sequence })
    throw new Fault('event_out_of_place', { seal: seal.seal, sequence: line.sequence })
  }
  if (line.sequence !== wanted)
    throw new Fault(line.sequence > wanted ? 'event_missing' : 'event_out_of_place', {
      seal: seal.seal,
      sequence: wanted,
    })
  const hash = nextHash(progress.hash, recordOf(line))
  if (hash !== line.hash) throw new Fault('event_changed', { seal: seal.seal, sequence: wanted })
  if (brokenCommitments(line).length > 0) throw new Fault('values_changed', { seal: seal.seal, sequence: wanted })
  progress.hash = hash
  progress.sequence = wanted
  progress.events += 1
  if (line.salt === null) progress.erased += 1
}

/** All events of the seal are read: their head must be the one that was signed. */
function closeSeal({ seal, sequence, hash, anchors }: Progress): void {
  if (seal === undefined) return
  if (sequence < seal.lastSequence) throw new Fault('event_missing', { seal: seal.seal, sequence: sequence + 1 })
  // Every hash in the file can be made anew after a change, but not the signed one.
  if (hash !== seal.hash) throw new Fault('seal_mismatch', { seal: seal.seal, sequence: seal.firstSequence })
  const anchored = anchors.get(seal.seal)
  if (anchored !== undefined && anchored !== seal.hash) throw new Fault('anchor_mismatch', { seal: seal.seal })
  anchors.delete(seal.seal)
}

function followEnd(progress: Progress, line: AuditEndLine): void {
  closeSeal(progress)
  const { kind: _kind, signature, ...content } = line
  const lastSeal = progress.seal?.seal ?? 0
  checkSignature(progress, 'audit-export:v1', content, signature, {})
  if (line.lastSeal > lastSeal) throw new Fault('seal_missing', { seal: lastSeal + 1 })
  // Seals before the first one that is here: nothing else in the file would tell.
  if (line.firstSeal < progress.firstSeal) throw new Fault('seal_missing', { seal: line.firstSeal })
  const fits =
    line.firstSeal === progress.firstSeal &&
    line.lastSeal === lastSeal &&
    line.seals === progress.seals &&
    line.events === progress.events &&
    line.hash === progress.hash
  if (!fits) throw new Fault('line_out_of_place')
  progress.end = line
}

function checkSignature(
  progress: Progress,
  type: SignedAs,
  content: AuditSeal | AuditEnd,
  signature: string,
  at: { readonly seal?: number },
): void {
  const found = progress.check(type, content, signature)
  if (found !== 'good') throw new Fault(found, at)
  progress.keyIds.add(content.keyId)
}

function conclude(progress: Progress, trusted: boolean): AuditVerdict {
  const { seal, sequence, anchors, end } = progress
  if (end === undefined) {
    // Cut inside of a seal, or after it: the first that is missing is named.
    if (seal !== undefined && sequence < seal.lastSequence)
      throw new Fault('truncated', { seal: seal.seal, sequence: sequence + 1 })
    throw new Fault('truncated', seal === undefined ? {} : { seal: seal.seal + 1 })
  }
  const [missing] = anchors.keys()
  if (missing !== undefined) throw new Fault('anchor_missing', { seal: missing })
  return {
    ok: true,
    events: progress.events,
    seals: progress.seals,
    firstSequence: progress.firstSequence,
    lastSequence: seal === undefined ? null : sequence,
    erased: progress.erased,
    hash: progress.hash,
    newestSeal: end.newestSeal,
    keyIds: [...progress.keyIds],
    trusted,
  }
}
