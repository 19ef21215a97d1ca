import type { Fault } from '@portcullis/contracts/errors'

/**
 * What an API key may do at this API: read. None lets a key make, change or revoke a credential, so none can be turned into more
 * than it is. Source: OWASP ASVS 5 8.2.1, 8.3.1.
 */
export const builtInScopes = {
  'account:read': 'the account: name, address, state',
  'sessions:read': 'the list of sessions',
  'activity:read': 'login history and security events',
  'two-factor:read': 'whether two-factor is on, and how many backup codes are left',
  'api-keys:read': 'the list of API keys, never a key',
  'ssh-keys:read': 'the list of SSH keys',
  'notifications:read': 'what is mailed',
  'lockdowns:read': 'lockdowns of the account and how far they are',
} as const satisfies Record<string, string>

/** A scope that calls of this API ask for. */
export type BuiltInScope = keyof typeof builtInScopes
/** A scope of the product: stored and told by introspection, and without any meaning here. */
export type ProductScope = `product:${string}`
/** A scope that a key can have. */
export type Scope = BuiltInScope | ProductScope

/** What `parseScopes` says. Faults never repeat what was sent: somebody may have put a key there. */
export type ScopesVerdict =
  | { readonly ok: true; readonly scopes: readonly Scope[] }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Scopes that one key can have. */
export const scopesMost = 32
/** Characters of one scope. */
export const scopeCharactersMost = 100

/**
 * Takes a list of scopes as a caller sends it, in its order. Every fault is told, with its place: `scopes_missing` (an empty list
 * never means all), `scopes_too_many`, `scope_too_long`, `scope_malformed`, `scope_unknown`, `scope_repeated`. A scope of the product is `product:` and
 * words of `a-z 0-9` with single `. _ - : /` between them: a part of RFC 6749 3.3, in one spelling, without wildcards.
 */
export function parseScopes(list: readonly string[]): ScopesVerdict {
  if (list.length === 0) return refuse('/scopes', 'scopes_missing', 'must name at least one scope')
  if (list.length > scopesMost) return refuse('/scopes', 'scopes_too_many', `must name at most ${scopesMost} scopes`)
  const scopes: Scope[] = []
  const faults: Fault[] = []
  for (const [place, text] of list.entries()) {
    const fault = faultOf(text, list.indexOf(text) < place)
    if (fault !== undefined) faults.push({ pointer: `/scopes/${place}`, ...fault })
    else if (isScope(text)) scopes.push(text)
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, scopes }
}

/** Whether `text` is a scope that a key can have. */
export function isScope(text: string): text is Scope {
  return text.length <= scopeCharactersMost && (Object.hasOwn(builtInScopes, text) || productForm.test(text))
}

const productForm = /^product:[a-z0-9]+(?:[._:/-][a-z0-9]+)*$/

function faultOf(text: string, repeated: boolean): Omit<Fault, 'pointer'> | undefined {
  if (text.length > scopeCharactersMost) {
    return { code: 'scope_too_long', detail: `must have at most ${scopeCharactersMost} characters` }
  }
  if (repeated) return { code: 'scope_repeated', detail: 'must not name a scope twice' }
  if (isScope(text)) return undefined
  if (text.startsWith('product:')) {
    return {
      code: 'scope_malformed',
      detail: 'must be product: and words of a-z and 0-9 with single . _ - : / between',
    }
  }
  return {
    code: 'scope_unknown',
    detail: `must be one of ${Object.keys(builtInScopes).join(', ')}, or start with product:`,
  }
}

function refuse(pointer: string, code: string, detail: string): ScopesVerdict {
  return { ok: false, faults: [{ pointer, code, detail }] }
}
