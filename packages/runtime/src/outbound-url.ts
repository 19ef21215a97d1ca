import { isIP } from 'node:net'
import { isPublicAddress } from './outbound-address.ts'

/** Why an address on the web is not called: stable code and the rule in words. */
export interface OutboundFault {
  readonly code: string
  readonly detail: string
}

const faults = {
  url_malformed: 'must be an absolute URL of 2000 characters at most',
  url_scheme: 'must start with https://',
  url_credentials: 'must hold neither user nor password',
  url_port: 'must be on port 443',
  url_fragment: 'must have no fragment (#…)',
  url_address: 'must lead to a public address',
  url_unresolved: 'must have a host that can be looked up',
} as const

/** A rule about addresses that are called. */
export type OutboundFaultCode = keyof typeof faults

/** What is told of a broken rule. */
export function outboundFault(code: OutboundFaultCode): OutboundFault {
  return { code, detail: faults[code] }
}

/**
 * Reads a URL that somebody wants to be called, as far as its text tells: https on port 443, no credentials, and no
 * address that is not public, in whatever spelling (WHATWG URL turns `0x7f000001`, octal and short forms into plain ones).
 * `allowPrivate` lets http, other ports and private addresses through: for development and tests.
 */
export function readOutboundUrl(text: string, allowPrivate: boolean): URL | OutboundFaultCode {
  const url = text.length <= 2000 ? URL.parse(text) : null
  if (url === null || url.hostname === '') return 'url_malformed'
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) return 'url_scheme'
  if (url.username !== '' || url.password !== '') return 'url_credentials'
  if (url.hash !== '') return 'url_fragment'
  if (allowPrivate) return url
  if (url.port !== '') return 'url_port'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // A literal is connected to as it is: nothing looks it up later.
  return isIP(host) !== 0 && !isPublicAddress(host) ? 'url_address' : url
}
