import { isIP } from 'node:net'

/** An IP address in its canonical form. */
export interface Ip {
  readonly version: 4 | 6
  readonly text: string
}

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * Reads an IP address: IPv6 in lower case and shortest form (RFC 5952) without its zone, IPv4-mapped IPv6 (`::ffff:192.0.2.1`,
 * RFC 4291 section 2.5.5.2) as the IPv4 address it is. Anything else is undefined.
 */
export function readIp(text: string | undefined): Ip | undefined {
  const address = text?.split('%', 1)[0] ?? ''
  const version = isIP(address)
  if (version === 4) return { version: 4, text: address }
  if (version !== 6) return undefined
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(short) ?? []
  if (high === undefined || low === undefined) return { version: 6, text: short }
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16)
  return { version: 4, text: [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.') }
}

/**
 * The network of an address, as little of it as is useful later: `203.0.113.0/24` or `2001:db8:1::/48`. Text that is no
 * address is `unknown`. Source: GDPR Art. 5 (1) (c) and (e).
 */
export function coarseIp(text: string): string {
  const ip = readIp(text)
  if (ip === undefined) return 'unknown'
  if (ip.version === 4) return `${ip.text.split('.', 3).join('.')}.0/24`
  const [left = '', right] = ip.text.split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const gap = right === undefined ? 0 : 8 - head.length - tail.length
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail]
  const network = new URL(`http://[${groups.slice(0, 3).join(':')}::]`).hostname.slice(1, -1)
  return `${network}/48`
}
