import { domainToASCII, domainToUnicode } from 'node:url'

/** Why an address is refused. Stable, part of the contract. */
export type EmailFaultCode =
  | 'email_too_long'
  | 'email_forbidden_character'
  | 'email_needs_one_at'
  | 'email_local_part_invalid'
  | 'email_local_part_too_long'
  | 'email_domain_invalid'
  | 'email_domain_needs_dot'
  | 'email_domain_is_ip'

/** An address that may be stored and mailed to. */
export interface EmailAddress {
  readonly ok: true
  /** As stored and mailed: local part in NFC as typed, `@`, domain in lower-case ASCII (punycode). */
  readonly address: string
  /** As compared for uniqueness: local part in NFKC and lower case, `@`, the same domain. Never mailed to. */
  readonly key: string
}

/** The first rule that an address breaks. `detail` ends the sentence "The address …" and never repeats the input. */
export interface EmailRefusal {
  readonly ok: false
  readonly code: EmailFaultCode
  readonly detail: string
}

/** Octets of a whole address: RFC 5321 4.5.3.1.3 allows a path of 256 with its angle brackets. */
const addressOctetsMost = 254
/** RFC 5321 4.5.3.1.1. */
const localOctetsMost = 64
/** Control, format (zero-width, bidi), surrogate, private and unassigned characters; spaces; what is drawn as nothing. */
const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u
/** Mark-up of RFC 5322 (quotes, comments, lists, routes), and what mail servers rewrite or pipe: `%`, `!`, `|`. */
const markUp = /["(),:;<>[\\\]%!|]/
/** ASCII letters, digits and the rest of RFC 5322 3.2.3 `atext`, or any character outside ASCII (RFC 6531 3.3). */
const localForm = /^[\w#$&'*+/=?^`{}~.\-\u0080-\u{10ffff}]+$/u
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Reads an e-mail address as a person typed it. Nothing is trimmed or mended: what cannot be mailed to safely is refused.
 * `key` is the same for `ﬁsh` and `fish`, for either Unicode spelling of `é`, and for a domain typed with U+212A.
 * Accepts a part of what RFC 5321 and 6531 allow: no quoted local part, no IP literal, no domain without a dot, and none
 * of the characters that old mail servers take for routes, pipes, paths or options (as Exim's and Postfix's defaults do).
 */
export function parseEmail(input: string): EmailAddress | EmailRefusal {
  // Before any Unicode work, so that a huge input costs nothing.
  if (input.length > addressOctetsMost * 4) return refuse('email_too_long')
  const parts = input.normalize('NFC').split('@')
  const [local, host] = parts
  if (local === undefined || host === undefined || parts.length !== 2) return refuse('email_needs_one_at')
  const lowered = foldLocalPart(local)
  const fault = checkLocalPart(local) ?? checkLocalPart(lowered)
  if (fault !== undefined) return refuse(fault)
  const domain = readDomain(host)
  if (!domain.ok) return domain
  const address = `${local}@${domain.ascii}`
  const key = `${lowered}@${domain.ascii}`
  if (octets(address) > addressOctetsMost || octets(key) > addressOctetsMost) return refuse('email_too_long')
  return { ok: true, address, key }
}

/** NFKC and lower case; the second NFKC because lower case can leave letters decomposed. */
function foldLocalPart(local: string): string {
  return local.normalize('NFKC').toLowerCase().normalize('NFKC')
}

function checkLocalPart(local: string): EmailFaultCode | undefined {
  if (unseen.test(local) || markUp.test(local) || local.includes('@')) return 'email_forbidden_character'
  if (octets(local) > localOctetsMost) return 'email_local_part_too_long'
  // A leading hyphen is an option, a leading slash a file, to some mailers; a leading mark would join the character before it.
  if (!localForm.test(local) || /^[.\-/\p{M}]|\.$|\.\./u.test(local)) return 'email_local_part_invalid'
  return undefined
}

function readDomain(host: string): { ok: true; ascii: string } | EmailRefusal {
  // `domainToASCII` decodes `%2E` and cuts at `/`, `?` and `#`, so these must be gone before it.
  if (/^\[.*\]$/.test(host)) return refuse('email_domain_is_ip')
  if (unseen.test(host) || markUp.test(host)) return refuse('email_forbidden_character')
  if (!/^[\w.\-\u0080-\u{10ffff}]+$/u.test(host)) return refuse('email_domain_invalid')
  const ascii = domainToASCII(host)
  const labels = ascii.split('.')
  if (/^\d+(?:\.\d+){3}$/.test(ascii)) return refuse('email_domain_is_ip')
  if (!labels.every((one) => label.test(one)) || !isTruePunycode(ascii)) return refuse('email_domain_invalid')
  if (labels.length < 2) return refuse('email_domain_needs_dot')
  return { ok: true, ascii }
}

/** Every `xn--` label stands for something, and comes back as it was. */
function isTruePunycode(ascii: string): boolean {
  const unicode = domainToUnicode(ascii)
  return !/(?:^|\.)xn--/.test(unicode) && domainToASCII(unicode) === ascii
}

function octets(text: string): number {
  return Buffer.byteLength(text, 'utf8')
}

const details: Record<EmailFaultCode, string> = {
  email_too_long: `must have at most ${addressOctetsMost} octets`,
  email_forbidden_character:
    'must not hold spaces, invisible or control characters, quotes, brackets, or any of , : ; % ! | \\',
  email_needs_one_at: 'must hold exactly one @',
  email_local_part_invalid: 'must have a usable name before the @: no dot at either end or twice, no leading - or /',
  email_local_part_too_long: `must have at most ${localOctetsMost} octets before the @`,
  email_domain_invalid: 'must have a domain that can exist after the @, such as example.com',
  email_domain_needs_dot: 'must have a domain with a dot after the @, such as example.com',
  email_domain_is_ip: 'must have a domain name after the @, not an IP address',
}

function refuse(code: EmailFaultCode): EmailRefusal {
  return { ok: false, code, detail: details[code] }
}
