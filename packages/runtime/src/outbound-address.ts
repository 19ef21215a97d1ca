import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Reached from inside some clouds only, though its number looks public: the host agent of Azure. */
const publicLooking = new Set(['168.63.129.16'])

/** All of IPv6 that is routed in public. Source: RFC 4291 2.4, IANA IPv6 global unicast address assignments. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/**
 * Whether an address belongs to the public internet. Private, loopback, link-local (with it every metadata service),
 * unique local, carrier-grade NAT, multicast, documentation and reserved ranges do not; nor do forms that carry an
 * IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo), whatever is inside. Text that is no address does not.
 * Source: RFC 6890, RFC 6052, OWASP ASVS 5 15.3.2.
 */
export function isPublicAddress(text: string): boolean {
  // The library alone would read short, hexadecimal and octal forms as well.
  if (isIP(text) === 0 || text.includes('%')) return false
  const address = ipaddr.parse(text)
  if (address.kind() === 'ipv4') return address.range() === 'unicast' && !publicLooking.has(address.toString())
  return address.range() === 'unicast' && address.match(globalUnicast)
}
