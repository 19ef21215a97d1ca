import type { AuditEventLine, AuditLine, AuditSealLine } from '@portcullis/contracts/audit-export'
import type { Id } from '@portcullis/contracts/ids'
import { purgeAudit } from '@portcullis/db/queries/audit-seal'
import { eraseAudit } from '@portcullis/db/queries/erasure'
import { inTransaction } from '@portcullis/db/transaction'
import { newId, newUuid } from '@portcullis/runtime/id'
import { asFile, exportLines, makeAuditKeys, makeFact, recordEach, sealAll } from '@portcullis/testkit/audit'
import { useDatabase } from '@portcullis/testkit/database'
import { assert, asyncProperty, integer } from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { nextHash, recordOf } from './chain.ts'
import { commitmentsOf } from './commitment.ts'
import { signAudit } from './signature.ts'
import { verifyExport } from './verify.ts'

const store = useDatabase()
const keys = makeAuditKeys()
const [ada, bob]: Id<'account'>[] = [newId('account'), newId('account')]
/** Seals of 5, 5, 5 and 3 events. */
let lines: readonly AuditLine[] = []

beforeAll(async () => {
  for (const [at, accountId] of [ada, bob, ada, null, ada, bob].entries())
    await recordEach(
      store.database,
      [1, 2, 3].map((nth) => makeFact(accountId ?? null, { details: { at, nth } })),
    )
  await sealAll(store.database, keys, 5)
  lines = await exportLines(store.database, keys)
})

const check = (tampered: readonly unknown[], options = {}) =>
  verifyExport(asFile(tampered), { keys: keys.published, ...options })

/** A copy to be tampered with. */
const copy = (): AuditLine[] => structuredClone([...lines])
const placeOf = (sequence: number) => lines.findIndex((line) => line.kind === 'event' && line.sequence === sequence)
const placeOfSeal = (seal: number) => lines.findIndex((line) => line.kind === 'seal' && line.seal === seal)

/** A copy in which an event was changed. */
function withEvent(sequence: number, change: Partial<AuditEventLine>): AuditLine[] {
  const all = copy()
  Object.assign(all[placeOf(sequence)] ?? {}, change)
  return all
}

function withSeal(seal: number, change: Partial<AuditSealLine>): AuditLine[] {
  const all = copy()
  Object.assign(all[placeOfSeal(seal)] ?? {}, change)
  return all
}

function eventAt(sequence: number): AuditEventLine {
  const line = lines[placeOf(sequence)]
  if (line?.kind !== 'event') throw new Error('no such event')
  return line
}

/** As somebody would who knows how the chain is made: every hash from an event on made anew, and what seals say of them. */
function rechained(all: AuditLine[], alsoSeals: boolean): AuditLine[] {
  let hash = '0'.repeat(64)
  let open: AuditSealLine | undefined
  for (const line of all) {
    if (line.kind === 'seal') {
      if (alsoSeals) line.previousHash = hash
      open = line
    } else if (line.kind === 'event') {
      hash = nextHash(hash, recordOf(line))
      line.hash = hash
      if (alsoSeals && open) open.hash = hash
    } else if (line.kind === 'end' && alsoSeals) line.hash = hash
  }
  return all
}

describe('an export', () => {
  it('that nobody touched verifies, whatever the pieces in which it is read', async () => {
    for (const piece of [1, 64, 1_000_000]) {
      expect(await verifyExport(asFile(lines, piece), { keys: keys.published })).toEqual({
        ok: true,
        events: 18,
        seals: 4,
        firstSequence: 1,
        lastSequence: 18,
        erased: 0,
        hash: eventAt(18).hash,
        newestSeal: 4,
        keyIds: [keys.keyId],
        trusted: true,
      })
    }
  })

  it('of a part verifies by itself, from any seal to any other, by number or by time', async () => {
    const part = await exportLines(store.database, keys, { fromSequence: 7, toSequence: 12 })
    expect(await check(part)).toMatchObject({ ok: true, seals: 2, firstSequence: 6, lastSequence: 15, newestSeal: 4 })
    const [, sealed] = [lines[placeOfSeal(1)], lines[placeOfSeal(3)]]
    if (sealed?.kind !== 'seal') throw new Error('no seal')
    const since = await exportLines(store.database, keys, { since: sealed.sealedAt })
    expect(await check(since)).toMatchObject({ ok: true, firstSequence: 11, lastSequence: 18 })
    const until = await exportLines(store.database, keys, { until: sealed.sealedAt })
    expect(await check(until)).toMatchObject({ ok: true, firstSequence: 1, lastSequence: 15 })
    const none = await exportLines(store.database, keys, { fromSequence: 1000 })
    expect(await check(none)).toMatchObject({ ok: true, seals: 0, events: 0, firstSequence: null, lastSequence: null })
  })

  it('says nothing personal inside of what is hashed', () => {
    const hashed = JSON.stringify(lines.flatMap((line) => (line.kind === 'event' ? [recordOf(line)] : [])))
    for (const secret of [ada, bob, eventAt(1).subjectId, eventAt(1).requestId, eventAt(1).salt]) {
      expect(JSON.stringify(lines)).toContain(secret)
      expect(hashed).not.toContain(secret)
    }
  })
})

describe('an event that was changed is named', () => {
  it.each<[string, Partial<AuditEventLine>, string]>([
    ['what happened', { action: 'nothing_at_all' }, 'event_changed'],
    ['when', { occurredAt: '2020-01-01T00:00:00.000000Z' }, 'event_changed'],
    ['who, as a role', { actor: 'system' }, 'event_changed'],
    ['its id', { id: newUuid() }, 'event_changed'],
    ['to what', { subjectKind: 'account' }, 'event_changed'],
    ['its hash', { hash: 'f'.repeat(64) }, 'event_changed'],
    ['whose account', { accountId: bob ?? '' }, 'values_changed'],
    ['who did it', { actorId: null }, 'values_changed'],
    ['which thing', { subjectId: newUuid() }, 'values_changed'],
    ['which request', { requestId: 'req_other' }, 'values_changed'],
    ['its details', { details: { at: 2, nth: 99 } }, 'values_changed'],
    ['its salt', { salt: newUuid() }, 'values_changed'],
    ['its salt taken away, what it says left', { salt: null }, 'values_changed'],
  ])('%s', async (_what, change, code) => {
    expect(await check(withEvent(8, change))).toMatchObject({
      ok: false,
      code,
      sequence: 8,
      seal: 2,
      line: placeOf(8) + 1,
    })
  })

  it('by somebody who made the commitment anew, too', async () => {
    const salt = newUuid()
    const forged = { ...eventAt(8), details: { at: 2, nth: 99 } }
    const all = withEvent(8, { ...forged, salt, commitments: commitmentsOf(salt, forged) })
    expect(await check(all)).toMatchObject({ ok: false, code: 'event_changed', sequence: 8 })
  })

  it('at its seal, by somebody who made every hash anew', async () => {
    const changed = rechained(withEvent(8, { action: 'nothing_at_all' }), false)
    expect(await check(changed)).toMatchObject({ ok: false, code: 'seal_mismatch', seal: 2, sequence: 6 })
    const more = rechained(withEvent(8, { action: 'nothing_at_all' }), true)
    expect(await check(more)).toMatchObject({ ok: false, code: 'signature_wrong', seal: 2 })
  })
})

describe('events that were', () => {
  it('removed are named', async () => {
    for (const sequence of [1, 8, 13]) {
      const all = copy()
      all.splice(placeOf(sequence), 1)
      expect(await check(all)).toMatchObject({ ok: false, code: 'event_missing', sequence })
    }
    const last = copy()
    last.splice(placeOf(5), 1)
    expect(await check(last)).toMatchObject({ ok: false, code: 'event_missing', sequence: 5, seal: 1 })
  })

  it('removed and the rest renumbered are named', async () => {
    const all = copy()
    all.splice(placeOf(8), 1)
    for (const line of all) if (line.kind === 'event' && line.sequence > 8) line.sequence -= 1
    expect(await check(all)).toMatchObject({ ok: false, code: 'event_changed', sequence: 8 })
  })

  it('inserted are named, under a number of their own or that of another', async () => {
    for (const sequence of [7, 8, 9]) {
      const all = copy()
      all.splice(placeOf(8), 0, { ...eventAt(12), sequence })
      expect(await check(all)).toMatchObject({ ok: false, sequence: 8 })
    }
    const behind = copy()
    behind.splice(placeOf(10) + 1, 0, { ...eventAt(12), sequence: 11 })
    expect(await check(behind)).toMatchObject({ ok: false, sequence: 11, seal: 3 })
  })

  it('swapped are named, with their numbers or without', async () => {
    const all = copy()
    all.splice(placeOf(8), 2, eventAt(9), eventAt(8))
    expect(await check(all)).toMatchObject({ ok: false, code: 'event_missing', sequence: 8 })
    const renumbered = copy()
    renumbered.splice(placeOf(8), 2, { ...eventAt(9), sequence: 8 }, { ...eventAt(8), sequence: 9 })
    expect(await check(renumbered)).toMatchObject({ ok: false, code: 'event_changed', sequence: 8 })
  })

  it('cut off at the end are named, wherever the file was cut', async () => {
    expect(await check(lines.slice(0, placeOf(17)))).toMatchObject({
      ok: false,
      code: 'truncated',
      sequence: 17,
      seal: 4,
    })
    expect(await check(lines.slice(0, placeOfSeal(4)))).toMatchObject({ ok: false, code: 'truncated', seal: 4 })
    expect(await check(lines.slice(0, -1))).toMatchObject({ ok: false, code: 'truncated' })
    expect(await check(lines.slice(0, 1))).toMatchObject({ ok: false, code: 'truncated' })
    expect(await check([])).toMatchObject({ ok: false, code: 'truncated' })
  })

  it('cut off and the end put back are named', async () => {
    const end = lines.at(-1)
    expect(await check([...lines.slice(0, placeOfSeal(4)), end])).toMatchObject({
      ok: false,
      code: 'seal_missing',
      seal: 4,
    })
    expect(await check([lines[0], ...lines.slice(placeOfSeal(2))])).toMatchObject({
      ok: false,
      code: 'seal_missing',
      seal: 1,
    })
    expect(await check([...lines.slice(0, placeOf(17)), end])).toMatchObject({
      ok: false,
      code: 'event_missing',
      sequence: 17,
    })
  })
})

describe('a seal that was', () => {
  it('changed is named', async () => {
    const changes: Partial<AuditSealLine>[] = [
      { hash: 'a'.repeat(64) },
      { previousHash: 'a'.repeat(64) },
      { events: 4 },
      { lastSequence: 9 },
      { firstSequence: 5 },
      { sealedAt: '2020-01-01T00:00:00.000000Z' },
      { signature: 'A'.repeat(86) },
    ]
    for (const change of changes)
      expect(await check(withSeal(2, change))).toMatchObject({ ok: false, code: 'signature_wrong', seal: 2 })
  })

  it('removed is named, alone or with its events', async () => {
    const alone = copy()
    alone.splice(placeOfSeal(2), 1)
    expect(await check(alone)).toMatchObject({ ok: false, code: 'seal_missing', seal: 2, sequence: 6 })
    const whole = copy()
    whole.splice(placeOfSeal(2), 6)
    expect(await check(whole)).toMatchObject({ ok: false, code: 'seal_missing', seal: 2 })
    const first = copy()
    first.splice(1, 1)
    expect(await check(first)).toMatchObject({ ok: false, code: 'seal_missing' })
  })

  it('made by another key is named, though the file brings that key along', async () => {
    const other = makeAuditKeys()
    const forged = rechained(withEvent(8, { action: 'nothing_at_all' }), true).map((line): AuditLine => {
      if (line.kind === 'header') return { ...line, keys: [...other.published] }
      if (line.kind === 'event') return line
      const { kind, signature: _signature, ...content } = { ...line, keyId: other.keyId }
      const type = kind === 'seal' ? 'audit-seal:v1' : 'audit-export:v1'
      // Guarantee: it is what it was, but for the key and its signature.
      return { kind, ...content, signature: signAudit(other.key, type, content).toString('base64url') } as AuditLine
    })
    expect(await check(forged)).toMatchObject({ ok: false, code: 'key_unknown', seal: 1 })
    // By its own word it would be sound: that is why the verdict says by whose.
    expect(await verifyExport(asFile(forged))).toMatchObject({ ok: true, trusted: false })
  })

  it('signed under the name of another key is found out', async () => {
    const other = makeAuditKeys()
    const trusted = { keys: other.published }
    expect(await check(withSeal(1, { keyId: other.keyId }), trusted)).toMatchObject({
      code: 'signature_wrong',
      seal: 1,
    })
  })

  it('anchored outside must be there, and be the same', async () => {
    const anchors = [{ seal: 4, hash: eventAt(18).hash }]
    expect(await check(lines, { anchors })).toMatchObject({ ok: true })
    expect(await check(lines, { anchors: [{ seal: 4, hash: 'a'.repeat(64) }] })).toMatchObject({
      code: 'anchor_mismatch',
      seal: 4,
    })
    // A store whose newest seals were taken away exports without a flaw.
    expect(await check(lines, { anchors: [...anchors, { seal: 9, hash: 'a'.repeat(64) }] })).toMatchObject({
      code: 'anchor_missing',
      seal: 9,
    })
  })
})

describe('a file that is none', () => {
  it.each<[string, (all: AuditLine[]) => unknown[]]>([
    ['no JSON', (all) => all.toSpliced(3, 1)],
    ['an unknown field', (all) => all.with(3, { ...eventAt(2), more: 1 } as AuditLine)],
    ['no header', (all) => all.slice(1)],
    ['a second header', (all) => [all[0], ...all]],
    ['lines behind the end', (all) => [...all, all.at(-1)]],
    ['another format', (all) => [{ ...all[0], format: 'portcullis-audit/2' }, ...all.slice(1)]],
    ['values that are no objects', (all) => [...all.slice(0, 3), 7, ...all.slice(3)]],
  ])('because of %s is refused, and nothing is thrown', async (_what, spoil) => {
    expect(await check(spoil(copy()))).toMatchObject({ ok: false, line: expect.any(Number), why: expect.any(String) })
  })

  it('because it is bytes or one endless line is refused without filling the memory', async () => {
    async function* endless() {
      for (let at = 0; at < 10_000; at += 1) yield Buffer.alloc(65_536, 'x')
    }
    expect(await verifyExport(endless())).toMatchObject({ ok: false, code: 'line_malformed' })
    async function* noise() {
      yield Uint8Array.of(0xff, 0xfe, 0, 10, 0xc3)
    }
    expect(await verifyExport(noise())).toMatchObject({ ok: false, code: 'line_malformed', line: 1 })
  })
})

it('whatever one bit of the file is changed to, it never verifies', async () => {
  const text = Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'), 'utf8')
  const begin = text.indexOf('"kind":"seal"')
  await assert(
    asyncProperty(integer({ min: begin, max: text.length - 1 }), integer({ min: 0, max: 7 }), async (at, bit) => {
      const spoiled = Buffer.from(text)
      spoiled[at] = (spoiled[at] ?? 0) ^ (1 << bit)
      async function* once() {
        yield spoiled
      }
      expect((await verifyExport(once(), { keys: keys.published })).ok).toBe(false)
    }),
    { numRuns: 300 },
  )
})

describe('erasure and retention', () => {
  it('take what is personal of an account that was erased, and the chain stands', async () => {
    if (ada === undefined) throw new Error('no account')
    const erase = (most: number) =>
      inTransaction(store.database, async (tx) => (await eraseAudit(tx, ada, most)).erased)
    // An account that nobody has closed keeps its evidence, whoever asks.
    expect(await erase(100)).toBe(0)
    await store.database.sql`
      insert into account_closings (id, account_id, state, due_at, keep_salt)
      values (${newUuid()}, ${ada}, 'erased', now(), ${Buffer.alloc(32)})`
    expect([await erase(5), await erase(100), await erase(100)]).toEqual([5, 4, 0])
    const after = await exportLines(store.database, keys)
    expect(JSON.stringify(after)).not.toContain(ada)
    expect(JSON.stringify(after)).toContain(bob)
    expect(await check(after)).toMatchObject({ ok: true, events: 18, erased: 9, hash: eventAt(18).hash })
    // Tampering with what is left of them is found as before.
    const erased = after.findIndex((line) => line.kind === 'event' && line.salt === null)
    const changed = after.with(erased, { ...after[erased], action: 'nothing_at_all' } as AuditLine)
    expect(await check(changed)).toMatchObject({ ok: false, code: 'event_changed', sequence: eventAt(1).sequence })
  })

  it('delete whole seals of old age only, never the newest, and what is left verifies', async () => {
    await expect(inTransaction(store.database, (tx) => purgeAudit(tx, 179, 10))).rejects.toMatchObject({
      code: '42501',
    })
    expect(await inTransaction(store.database, (tx) => purgeAudit(tx, 365, 10))).toBe(0)
    const aged = await exportLines(store.database, keys)
    // Their age is made up; so their signatures are of no account here, but the two that stay are as they were.
    await store.database.sql`update audit_seals set sealed_at = sealed_at - interval '2 years' where seal <= 2`
    expect(await inTransaction(store.database, (tx) => purgeAudit(tx, 365, 1))).toBe(5)
    expect(await inTransaction(store.database, (tx) => purgeAudit(tx, 365, 10))).toBe(5)
    const left = await exportLines(store.database, keys)
    expect(await check(left)).toMatchObject({ ok: true, events: 8, seals: 2, firstSequence: 11 })
    expect(left.filter((line) => line.kind === 'event')).toEqual(
      aged.filter((line) => line.kind === 'event' && line.sequence > 10),
    )
    await store.database.sql`update audit_seals set sealed_at = sealed_at - interval '2 years'`
    expect(await inTransaction(store.database, (tx) => purgeAudit(tx, 365, 10))).toBe(5)
    expect(await store.database.sql`select seal::int4 as seal from audit_seals`).toMatchObject([{ seal: 4 }])
  })
})
