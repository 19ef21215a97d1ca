import { errors, type ErrorCode } from '../errors.ts'
import type { Endpoint } from './endpoint.ts'

/** Refusals that every call may give, whatever it does. */
export const commonRefusals = [
  'malformed_request',
  'method_not_allowed',
  'body_too_large',
  'unsupported_media_type',
  'host_unknown',
  'validation_failed',
  'internal_error',
  'store_unavailable',
] as const satisfies readonly ErrorCode[]

/** Every refusal that a call may give, each once, by rising status. */
export function refusalsOf(endpoint: Pick<Endpoint, 'refusals' | 'access'>): ErrorCode[] {
  const codes = new Set<ErrorCode>([...commonRefusals, ...endpoint.refusals])
  if (endpoint.access) codes.add('credential_required')
  if (endpoint.access && endpoint.access.kind !== 'rental') codes.add('scope_missing')
  if (endpoint.access?.kind === 'session' && endpoint.access.permission) {
    codes.add('not_allowed').add('second_factor_required')
  }
  if (endpoint.access?.kind === 'session' && endpoint.access.proof) codes.add('reauthentication_required')
  return [...codes].sort((a, b) => errors[a].status - errors[b].status)
}
