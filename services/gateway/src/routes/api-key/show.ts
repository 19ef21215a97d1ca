import { formatId } from '@portcullis/contracts/ids'
import type { ApiKeyRow } from '@portcullis/db/queries/api-key'
import { placeOfCountry } from '@portcullis/runtime/place'

/** A key as its owner sees it. */
export function showApiKey(key: ApiKeyRow): Record<string, unknown> {
  const { name, prefix, last4, scopes, lastUsedNetwork } = key
  return {
    id: formatId('apiKey', key.id),
    name,
    prefix,
    last4,
    scopes,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    lastUsedNetwork,
    lastUsedLocation: key.lastUsedAt && placeOfCountry(key.lastUsedCountry ?? undefined),
    rotatedTo: key.rotatedTo && formatId('apiKey', key.rotatedTo),
  }
}
