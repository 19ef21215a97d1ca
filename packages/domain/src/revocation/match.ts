import { BlockList } from 'node:net'
import { namedAccounts, namedDomain, type Selector, type Span } from '@portcullis/contracts/selector'
import { isDevice } from './device.ts'

/** An account as selectors see it. Of its credentials only those are listed that live, whatever the state of the account. */
export interface SelectableAccount {
  readonly id: string
  readonly emailKey: string
  readonly role: string
  readonly state: string
  readonly createdAt: Date
  readonly passwordChangedAt: Date
  readonly hasTwoFactor: boolean
  readonly sessions: readonly {
    readonly lastSeenAt: Date
    readonly ip: string | null
    readonly country: string | null
    readonly userAgent: string | null
  }[]
  readonly apiKeys: readonly {
    readonly scopes: readonly string[]
    readonly lastUsedAt: Date | null
    /** As it is kept: /24, /48 or `unknown`. */
    readonly lastUsedNetwork: string | null
    readonly lastUsedCountry: string | null
  }[]
  readonly sshKeys: readonly { readonly type: string }[]
}

const dayMs = 86_400_000

/**
 * Whether a selector names an account: what the language means, in plain words of code. Pure. The store decides by a statement
 * of its own; a property test holds both to the same answer.
 */
export function matches(selector: Selector, account: SelectableAccount, now: Date): boolean {
  if (selector.everyone) return true
  if (Object.values(selector).every((part) => part === undefined)) return false
  return isPerson(selector, account, now) && hasCredentials(selector, account) && isUsed(selector, account)
}

function isPerson(selector: Selector, account: SelectableAccount, now: Date): boolean {
  const { role, state, createdAt, passwordOlderThanDays } = selector
  const [accountIds, emailDomain] = [namedAccounts(selector), namedDomain(selector)]
  return (
    (!accountIds || accountIds.some((id) => id === account.id)) &&
    (!emailDomain || account.emailKey.slice(account.emailKey.lastIndexOf('@') + 1) === emailDomain) &&
    (!role || account.role === role) &&
    (!state || account.state === state) &&
    (!createdAt || isWithin(createdAt, account.createdAt)) &&
    (passwordOlderThanDays === undefined ||
      now.getTime() - account.passwordChangedAt.getTime() > passwordOlderThanDays * dayMs) &&
    (!selector.withoutTwoFactor || !account.hasTwoFactor)
  )
}

function hasCredentials({ credentialKinds, apiKeyScopes, sshKeyType }: Selector, account: SelectableAccount): boolean {
  return (
    (!credentialKinds || credentialKinds.some((kind) => account[kind].length > 0)) &&
    (!apiKeyScopes || account.apiKeys.some((key) => key.scopes.some((scope) => apiKeyScopes.includes(scope)))) &&
    (!sshKeyType || account.sshKeys.some((key) => key.type === sshKeyType))
  )
}

/** All that is asked of a use must be true of one and the same credential. */
function isUsed({ lastSeenAt, network, country, device }: Selector, account: SelectableAccount): boolean {
  if ([lastSeenAt, network, country, device].every((part) => part === undefined)) return true
  return (
    account.sessions.some(
      (session) =>
        (!lastSeenAt || isWithin(lastSeenAt, session.lastSeenAt)) &&
        (!network || (session.ip !== null && isInside(network, session.ip))) &&
        (!country || session.country === country) &&
        (!device || isDevice(session.userAgent ?? '', device)),
    ) ||
    (device === undefined &&
      account.apiKeys.some(
        (key) =>
          (!lastSeenAt || (key.lastUsedAt !== null && isWithin(lastSeenAt, key.lastUsedAt))) &&
          (!network || (key.lastUsedNetwork !== null && holds(network, key.lastUsedNetwork))) &&
          (!country || key.lastUsedCountry === country),
      ))
  )
}

function isWithin({ after, before }: Span, moment: Date): boolean {
  const at = moment.getTime()
  return (after === undefined || at >= Date.parse(after)) && (before === undefined || at < Date.parse(before))
}

function isInside(network: string, ip: string): boolean {
  const [address = '', prefix = ''] = network.split('/')
  const family = (text: string) => (text.includes(':') ? 'ipv6' : 'ipv4')
  if (family(address) !== family(ip)) return false
  const list = new BlockList()
  list.addSubnet(address, Number(prefix), family(address))
  return list.check(ip, family(ip))
}

/** Whether a network holds all of another. */
function holds(network: string, inner: string): boolean {
  const [address, prefix] = inner.split('/')
  return (
    address !== undefined &&
    prefix !== undefined &&
    Number(prefix) >= Number(network.slice(network.indexOf('/') + 1)) &&
    isInside(network, address)
  )
}
