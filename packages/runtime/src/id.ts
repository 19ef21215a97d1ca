import { asId } from '@portcullis/contracts/ids'
import type { Id, IdKind } from '@portcullis/contracts/ids'
import { v7 } from 'uuid'

/**
 * A new id of `kind`: a UUIDv7 (RFC 9562 section 5.7) as lower-case text. Ids made one after another by one process
 * sort in that order, so an index grows at its end. An id is a name, not a secret: it may be guessed (ASVS 5 11.5.1).
 */
export function newId<Kind extends IdKind>(kind: Kind): Id<Kind> {
  return asId(kind, v7())
}

/** A new UUIDv7 for what has no kind of its own: a request, a delivery. */
export function newUuid(): string {
  return v7()
}
