import { domainToASCII } from 'node:url'

/**
 * The beginning of an address as uniqueness keys have it: folded as `parseEmail` folds the part before the `@`; behind it in
 * lower case, and in punycode where it is a whole domain in other letters. Pure.
 */
export function emailPrefixKey(typed: string): string {
  const at = typed.indexOf('@')
  const local = at < 0 ? typed : typed.slice(0, at)
  const folded = local.normalize('NFKC').toLowerCase().normalize('NFKC')
  return at < 0 ? folded : `${folded}@${domainPrefix(typed.slice(at + 1))}`
}

function domainPrefix(host: string): string {
  const lowered = host.normalize('NFKC').toLowerCase()
  // What is ASCII may be cut anywhere; of the rest only a whole name has a punycode, and of one that is not there is none.
  return /^[\x21-\x7e]*$/.test(lowered) ? lowered : domainToASCII(lowered) || lowered
}
