/**
 * Headers of every answer, whoever makes it. A page replaces what it must.
 * Source: OWASP ASVS 5 3.4.1, 3.4.3 to 3.4.6, 14.3.2.
 */
export const answerHeaders: readonly (readonly [string, string])[] = [
  ['strict-transport-security', 'max-age=63072000; includeSubDomains'],
  ['content-security-policy', "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cache-control', 'no-store'],
  ['cross-origin-resource-policy', 'same-origin'],
]
