import { sha256 } from '@portcullis/runtime/digest'

/** Policy of a page that loads nothing and runs nothing: only this very style is allowed, by its hash (ASVS 5 3.4.3). */
export function styleOnlyPolicy(style: string): string {
  const hash = sha256(style).toString('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
}
