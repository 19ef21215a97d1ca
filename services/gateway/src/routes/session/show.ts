import { formatId } from '@portcullis/contracts/ids'
import type { SessionRow } from '@portcullis/db/queries/session'
import { describeDevice } from '@portcullis/runtime/device'
import { placeOfCountry } from '@portcullis/runtime/place'

/** A session as its owner sees it. */
export function showSession(session: SessionRow, currentId: SessionRow['id'] | undefined): Record<string, unknown> {
  return {
    id: formatId('session', session.id),
    deviceName: session.deviceName,
    device: describeDevice(session.userAgent ?? undefined),
    location: placeOfCountry(session.country ?? undefined),
    secondFactor: session.secondFactor,
    createdAt: session.createdAt.toISOString(),
    lastSeenAt: session.lastSeenAt.toISOString(),
    provedAt: session.provedAt.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
    current: session.id === currentId,
  }
}
