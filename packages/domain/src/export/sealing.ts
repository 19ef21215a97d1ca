import type { Id } from '@portcullis/contracts/ids'
import { type MasterKeys, sealingKeys } from '@portcullis/runtime/master-key-ring'
import { createSealer, type Sealer, sealedPlace } from '@portcullis/runtime/seal'

/** The sealer of exports. They live two days at most, so none is ever sealed again under a newer key. */
export function createExportSealer(keys: MasterKeys): Sealer {
  return createSealer({ keys: sealingKeys(keys, 'account-export') })
}

/** Seals a part of an export, bound to its place in it. */
export function sealPart(sealer: Sealer, id: Id<'operation'>, part: number, lines: string): string {
  return sealer.seal(Buffer.from(lines), placeOf(id, part))
}

/** Opens it. One that cannot be opened is a failure. */
export function openPart(sealer: Sealer, id: Id<'operation'>, part: number, sealed: string): Uint8Array {
  return sealer.open(sealed, placeOf(id, part))
}

function placeOf(id: Id<'operation'>, part: number): string {
  return sealedPlace('account_export_parts', 'lines_sealed', `${id}.${part}`)
}
