import { BlockList, isIP } from 'node:net'

/** Tells the network address of whoever asks. */
export type ClientIp = (peer: string | undefined, forwardedFor: string | undefined) => string | null

/**
 * Believes `X-Forwarded-For` only from the listed proxies, and of its list only what they added: from the right, the
 * first address that is not one of them (OWASP ASVS 5 4.1.3, 15.3.4). IPv4 inside IPv6 is told as IPv4.
 */
export function trustProxies(proxies: readonly string[]): ClientIp {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(prefix), family)
  }
  const isTrusted = (ip: string): boolean => trusted.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4')

  return (peer, forwardedFor) => {
    let ip = plainIp(peer)
    const hops = forwardedFor?.split(',') ?? []
    while (ip !== null && hops.length > 0 && isTrusted(ip)) {
      const next = plainIp(hops.pop()?.trim())
      // What a trusted proxy passed on unread is worth nothing: the proxy is then the last that is known.
      if (next === null) break
      ip = next
    }
    return ip
  }
}

function plainIp(text: string | undefined): string | null {
  const ip = text?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? ''
  return isIP(ip) === 0 ? null : ip
}
