import { z } from 'zod'
import { type Id, publicId } from './ids.ts'
import { roles } from './permission.ts'
import { revocationKinds } from './revocation.ts'

/** The key types that a selector may name: those that can be added. */
export const selectableSshKeyTypes = [
  'ssh-ed25519',
  'sk-ssh-ed25519@openssh.com',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-rsa',
] as const

const accountIdsMost = 10_000

/** From `after` on, and before `before`: one at least. */
function spanOf(description: string) {
  const moment = () => z.iso.datetime({ error: 'must be a moment in UTC, as 2026-11-16T00:00:00Z' })
  return z
    .strictObject({
      after: moment().optional().meta({ description: 'At this moment or later.' }),
      before: moment().optional().meta({ description: 'Before this moment.' }),
    })
    .refine(({ after, before }) => after !== undefined || before !== undefined, 'must have after, before or both')
    .refine(
      ({ after, before }) => after === undefined || before === undefined || Date.parse(after) < Date.parse(before),
      { error: 'before must be later than after: nothing could be in between', path: ['before'] },
    )
    .meta({ description, examples: [{ after: '2026-11-16T00:00:00Z' }] })
}

const domainForm = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i

/** The shortest prefixes: anything wider is nearly everyone, and everyone is said as such. */
const prefixLeast = { 4: 8, 6: 16 } as const

const networkField = z
  .union([z.cidrv4(), z.cidrv6()], { error: 'must be a network, as 203.0.113.0/24 or 2001:db8::/32' })
  .refine(isNarrow, {
    error: `must be at least /${prefixLeast[4]} (IPv4) or /${prefixLeast[6]} (IPv6); everyone is said as {"everyone": true}`,
    abort: true,
  })
  .refine(isNetwork, 'must be a network: no bit may be set behind its prefix')

function chooseSome<const T extends readonly [string, ...string[]]>(names: T, what: string) {
  return z
    .array(z.enum(names, `must be ${what}`))
    .min(1, 'must not be empty')
    .max(20, 'must have at most 20')
    .refine((given) => new Set(given).size === given.length, 'must not name one twice')
}

const parts = {
  accountIds: z
    .array(z.string().regex(/^acc_[0-9a-f]{32}$/, 'must be an id that starts with acc_'))
    .min(1, 'must not be empty')
    .max(accountIdsMost, `must have at most ${accountIdsMost.toLocaleString('en')}`)
    .refine((ids) => new Set(ids).size === ids.length, 'must not name an account twice')
    .meta({
      description: 'These accounts. One that is not there matches nothing.',
      examples: [['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f']],
    }),
  emailDomain: z
    .string()
    .regex(domainForm, 'must be a domain, as example.com; others than ASCII as xn--…')
    .meta({ description: 'Address at this very domain, not below it.', examples: ['example.com'] }),
  role: z.enum(roles, 'must be a role').meta({ description: 'Accounts of this role.', examples: ['member'] }),
  state: z
    .enum(['active', 'locked', 'disabled'], 'must be a state of accounts')
    .meta({ description: 'Accounts in this state.', examples: ['active'] }),
  createdAt: spanOf('The account was made in this span.'),
  lastSeenAt: spanOf(
    'A living session was last used in this span, or an API key was. Together with `network`, `country` and `device`: the very same.',
  ),
  network: networkField.meta({
    description:
      'A living session was opened from this network, or an API key was last used from there. Of uses of keys the /24 or /48 is ' +
      'kept, so a key is matched only by a network that holds all of it.',
    examples: ['203.0.113.0/24'],
  }),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be a country, as DE (ISO 3166-1 alpha-2)')
    .meta({ description: 'A living session was opened from there, or an API key was last used.', examples: ['DE'] }),
  device: z
    .string()
    .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,59}$/u, 'must be the name of a browser, a program or a system')
    .meta({
      description:
        'A living session is of this device, as lists of sessions name it: `Firefox on Linux`, or only `Firefox`, `Linux`, `curl`. In any case of letters.',
      examples: ['Firefox on Linux'],
    }),
  credentialKinds: chooseSome(revocationKinds, 'sessions, apiKeys or sshKeys').meta({
    description: 'The account has a living credential of one of these kinds.',
    examples: [['apiKeys']],
  }),
  apiKeyScopes: z
    .array(z.string().regex(/^[a-z0-9][a-z0-9:._-]{0,63}$/, 'must be a scope'))
    .min(1, 'must not be empty')
    .max(20, 'must have at most 20')
    .meta({ description: 'It has a living API key with one of these scopes.', examples: [['servers:write']] }),
  sshKeyType: z
    .enum(selectableSshKeyTypes, 'must be a type of SSH keys')
    .meta({ description: 'It has a living SSH key of this type.', examples: ['ssh-rsa'] }),
  passwordOlderThanDays: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(36_500, 'must be at most 36,500')
    .meta({ description: 'Its password was set longer ago than so many days.', examples: [365] }),
  withoutTwoFactor: z
    .literal(true, 'must be true, or left out')
    .meta({ description: 'It has no second factor.', examples: [true] }),
  everyone: z
    .literal(true, 'must be true, or left out')
    .meta({ description: 'Everyone. Stands alone.', examples: [true] }),
} as const

/**
 * Whom a bulk revocation is about. All parts must hold (AND). A living credential here is one that was not revoked, has not
 * run out and is within both fences, whatever the state of its account. Nothing given is refused, and so is everyone beside
 * anything else: everyone is said explicitly.
 */
export const selectorSchema = z
  .strictObject(parts)
  .partial()
  .superRefine((selector, context) => {
    const given = Object.entries(selector).filter(([, value]) => value !== undefined)
    if (given.length === 0) {
      const message = 'must say whom: one part at least, or {"everyone": true}'
      context.addIssue({ code: 'custom', message, input: selector, path: [] })
    }
    if (selector.everyone !== undefined && given.length > 1) {
      const message = 'must stand alone: beside other parts it is not clear whom you mean'
      context.addIssue({ code: 'custom', message, input: selector, path: ['everyone'] })
    }
  })
  .meta({
    description: 'Whom it is about: all parts must hold. Everyone is said explicitly, and alone.',
    examples: [{ network: '203.0.113.0/24', lastSeenAt: { after: '2026-11-16T00:00:00Z' } }],
  })

/** A selector that was checked; it reads as it was said, and is kept so. */
export type Selector = z.output<typeof selectorSchema>

/** The accounts that a selector names by id. */
export function namedAccounts({ accountIds }: Selector): Id<'account'>[] | undefined {
  return accountIds?.map((text) => publicId('account').parse(text))
}

/** The domain of addresses that a selector names, in lower case. */
export function namedDomain({ emailDomain }: Selector): string | undefined {
  return emailDomain?.toLowerCase()
}

/** Two moments as a selector gives them. */
export type Span = NonNullable<Selector['createdAt']>

function isNarrow(cidr: string): boolean {
  return prefixOf(cidr) >= prefixLeast[cidr.includes(':') ? 6 : 4]
}

function prefixOf(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1))
}

/** Whether every bit behind the prefix is 0. */
function isNetwork(cidr: string): boolean {
  return bitsOf(cidr.slice(0, cidr.indexOf('/')))
    .slice(prefixOf(cidr))
    .split('')
    .every((bit) => bit === '0')
}

/** An address that was checked, as its bits. */
function bitsOf(address: string): string {
  if (!address.includes(':')) {
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
  }
  // `::ffff:192.0.2.1` ends in four decimal bytes, which stand for two groups.
  const tail = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const written = tail
    ? address.slice(0, tail.index) +
      [Number(tail[1]) * 256 + Number(tail[2]), Number(tail[3]) * 256 + Number(tail[4])]
        .map((group) => group.toString(16))
        .join(':')
    : address
  const [left = '', right] = written.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const [head, end] = [groups(left), groups(right ?? '')]
  const gap = right === undefined ? 0 : 8 - head.length - end.length
  return [...head, ...Array.from({ length: gap }, () => '0'), ...end]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('')
}
