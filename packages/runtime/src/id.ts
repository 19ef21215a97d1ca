import { asId } from '@portcullis/contracts/ids'
import type { Id, IdKind } from '@portcullis/contracts/ids'
import { v7 } from 'uuid'
import { randomNameBytes } from './random.ts'

const sequenceMost = 0xffff_ffff

/** Counts the ids of one millisecond, from a random start in the lower half (RFC 9562 section 6.2, method 1). */
let last = { msecs: 0, seq: 0 }

/**
 * A new id of `kind`: a UUIDv7 (RFC 9562 section 5.7) as lower-case text. Ids made one after another by one process
 * sort in that order, so an index grows at its end. An id is a name, not a secret: it may be guessed (ASVS 5 11.5.1).
 */
export function newId<Kind extends IdKind>(kind: Kind): Id<Kind> {
  return asId(kind, newUuid())
}

/** A new UUIDv7 for what has no kind of its own: a request, a delivery. */
export function newUuid(): string {
  const random = randomNameBytes(16)
  const now = Date.now()
  if (now > last.msecs) last = { msecs: now, seq: randomStart(random) }
  else if (last.seq < sequenceMost) last = { msecs: last.msecs, seq: last.seq + 1 }
  else last = { msecs: last.msecs + 1, seq: randomStart(random) }
  return v7({ random, ...last })
}

function randomStart(random: Buffer): number {
  return random.readUInt32BE(0) >>> 1
}
