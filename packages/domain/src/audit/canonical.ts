import canonicalize from 'canonicalize'

/**
 * The one spelling of a JSON value (JCS, RFC 8785): what is hashed and signed.
 *
 * @throws Error for what JSON cannot hold: `undefined`, `NaN`, half a surrogate pair.
 */
export function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new Error('this has no canonical form')
  return text
}
