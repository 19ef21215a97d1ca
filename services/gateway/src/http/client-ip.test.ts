import { describe, expect, it } from 'vitest'
import { trustProxies } from './client-ip.ts'

describe('the address of whoever asks', () => {
  it.each(['127.0.0.1', '198.51.100.1, 127.0.0.1', '::ffff:10.0.0.1', 'unknown', ''])(
    'is the peer’s own, whatever X-Forwarded-For says, when no proxy is trusted: %j',
    (forwarded) => {
      expect(trustProxies([])('203.0.113.9', forwarded)).toBe('203.0.113.9')
    },
  )

  const behind = trustProxies(['10.0.0.0/8', '2001:db8::/32', '192.0.2.1'])
  it.each([
    ['from a trusted proxy, what it added', '10.1.2.3', '198.51.100.7', '198.51.100.7'],
    [
      'the last that is no proxy, not what the caller put before it',
      '10.1.2.3',
      '127.0.0.1, 8.8.8.8, 198.51.100.7, 10.9.9.9',
      '198.51.100.7',
    ],
    ['the peer, when the peer is not trusted', '198.51.100.9', '127.0.0.1', '198.51.100.9'],
    ['the proxy, when it passed nonsense on', '10.1.2.3', '127.0.0.1, <script>', '10.1.2.3'],
    ['the proxy, when it passed nothing on', '10.1.2.3', undefined, '10.1.2.3'],
    ['the first of all, when all are proxies', '10.1.2.3', '10.0.0.9, 192.0.2.1', '10.0.0.9'],
    ['IPv4 told as IPv4, when it comes inside IPv6', '::ffff:10.1.2.3', '::ffff:198.51.100.7', '198.51.100.7'],
    ['an IPv6 address without its zone', '2001:db8::1', 'fe80::1%eth0', 'fe80::1'],
  ])('is %s', (_what, peer, forwarded, ip) => {
    expect(behind(peer, forwarded)).toBe(ip)
  })

  it('is not known where there is no peer', () => {
    expect(trustProxies([])(undefined, '127.0.0.1')).toBeNull()
  })
})
