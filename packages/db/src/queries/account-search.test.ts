import { asId, type Id } from '@portcullis/contracts/ids'
import { useDatabase } from '@portcullis/testkit/database'
import { explainQuery } from '@portcullis/testkit/explain'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AccountSearch, searchAccounts, searchedAccountsMost } from './account-search.ts'

/** Enough that a wrong plan shows, and that a page does not look at all of it. */
const accounts = 12_000
const store = useDatabase()

/** As the table has them, for an evaluation that knows no index. */
interface Known {
  readonly id: Id<'account'>
  readonly emailKey: string
  readonly state: string
  readonly role: string
  readonly createdAt: Date
  readonly ips: readonly string[]
}

let known: readonly Known[] = []

beforeAll(async () => {
  const { sql } = store.database
  await sql`
    insert into accounts (id, email, email_key, name, password_changed_at, state, role, created_at)
    select uuidv7(), 'P' || n || '@Shop' || n % 7 || '.example', 'p' || n || '@shop' || n % 7 || '.example', 'P ' || n, now(),
      case when n % 500 = 0 then 'disabled' when n % 900 = 1 then 'locked' else 'active' end,
      case when n % 3000 = 2 then 'admin' when n % 1000 = 3 then 'support' else 'member' end,
      now() - n % 997 * interval '1 hour'
    from generate_series(1, ${accounts}) as n`
  await sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, ip, revoked_at)
    select uuidv7(), account.id, sha256(convert_to(account.id::text, 'UTF8')), 1, now() + interval '30 days',
      ('10.' || n % 200 || '.' || n / 200 % 250 || '.7')::inet, case when n % 11 = 0 then now() end
    from (select id, row_number() over (order by id) as n from accounts) as account`
  await sql`analyze accounts, sessions`
  known = await sql<Known[]>`
    select id, email_key as "emailKey", state, role, created_at as "createdAt",
      array(select host(ip) from sessions where account_id = account.id and revoked_at is null) as ips
    from accounts as account`
}, 60_000)

/** Every page of a search, one after another. */
async function all(search: AccountSearch, limit: number): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = []
  let after: Id<'account'> | undefined
  for (let pages = 1; ; pages += 1) {
    const page = await searchAccounts(store.database, search, { limit, after })
    if (page.kind !== 'found') throw new Error(page.kind)
    expect(page.accounts.length).toBeLessThanOrEqual(limit)
    ids.push(...page.accounts.map(({ id }) => id))
    if (page.next === null) return { ids, pages }
    after = page.next
  }
}

/** The same by going through all there is. */
function naive({ id, emailKeyPrefix, state, role, network, createdAfter, createdBefore }: AccountSearch): string[] {
  const net = network
    ?.split('/')[0]
    ?.split('.')
    .slice(0, Number(network.split('/')[1]) / 8)
    .join('.')
  return known
    .filter((one) => id === undefined || one.id === id)
    .filter((one) => emailKeyPrefix === undefined || one.emailKey.startsWith(emailKeyPrefix))
    .filter((one) => state === undefined || one.state === state)
    .filter((one) => role === undefined || one.role === role)
    .filter((one) => net === undefined || one.ips.some((ip) => `${ip}.`.startsWith(`${net}.`)))
    .filter((one) => createdAfter === undefined || one.createdAt >= createdAfter)
    .filter((one) => createdBefore === undefined || one.createdAt < createdBefore)
    .map((one) => one.id)
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000)

/** Each filter alone, and each beside each other. */
const alone: Record<string, () => AccountSearch> = {
  prefix: () => ({ emailKeyPrefix: 'p12' }),
  'whole address': () => ({ emailKeyPrefix: 'p777@shop0.example' }),
  'nobody’s prefix': () => ({ emailKeyPrefix: 'zebra' }),
  disabled: () => ({ state: 'disabled' }),
  locked: () => ({ state: 'locked' }),
  active: () => ({ state: 'active' }),
  admins: () => ({ role: 'admin' }),
  support: () => ({ role: 'support' }),
  members: () => ({ role: 'member' }),
  'network /16': () => ({ network: '10.7.0.0/16' }),
  'network /24': () => ({ network: '10.33.4.0/24' }),
  'one address': () => ({ network: '10.33.4.7/32' }),
  'created after': () => ({ createdAfter: hoursAgo(20) }),
  'created before': () => ({ createdBefore: hoursAgo(990) }),
  'created between': () => ({ createdAfter: hoursAgo(500.5), createdBefore: hoursAgo(480.5) }),
}
const names = Object.keys(alone)
const pairs = names.flatMap((one, at) => names.slice(at + 1).map((other): [string, string] => [one, other]))

describe('a search', () => {
  it.each(names)('finds by %s what going through all accounts finds, each once, over all pages', async (name) => {
    const search = alone[name]?.() ?? {}
    const { ids } = await all(search, 200)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(naive(search).toSorted())
  })

  it('holds whatever is given to be asked together', async () => {
    for (const [one, other] of pairs) {
      const search = { ...alone[one]?.(), ...alone[other]?.() }
      const found = await all(search, 200)
      expect([one, other, found.ids.toSorted()]).toEqual([one, other, naive(search).toSorted()])
    }
  }, 120_000)

  it('gives the newest first, and addresses in their order', async () => {
    const at = new Map<string, Known>(known.map((one) => [one.id, one]))
    const newest = await searchAccounts(store.database, {}, { limit: 200 })
    const byAddress = await searchAccounts(store.database, { emailKeyPrefix: 'p1' }, { limit: 200 })
    if (newest.kind !== 'found' || byAddress.kind !== 'found') throw new Error('nothing found')
    const moments = newest.accounts.map(({ id }) => Number(at.get(id)?.createdAt))
    expect(moments).toEqual(moments.toSorted((a, b) => b - a))
    const keys = byAddress.accounts.map(({ id }) => at.get(id)?.emailKey ?? '')
    expect(keys).toEqual(keys.toSorted())
    expect(keys).toHaveLength(200)
  })

  it('looks at 1,000 accounts for a page and no more, however few fit', async () => {
    // Nobody fits: every page looks as far as it may.
    const nobody = { emailKeyPrefix: 'p', role: 'admin' as const, state: 'disabled' as const }
    const { ids, pages } = await all(nobody, 50)
    expect(ids).toEqual([])
    expect(pages).toBe(accounts / searchedAccountsMost + 1)
  })

  it('is refused for a network with more sessions than it looks at, and for a page behind an account that is gone', async () => {
    const wide = await searchAccounts(store.database, { network: '10.0.0.0/8' }, { limit: 1 })
    expect(wide).toEqual({ kind: 'network_too_wide' })
    const gone = asId('account', '0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f')
    expect(await searchAccounts(store.database, {}, { limit: 1, after: gone })).toEqual({ kind: 'cursor_gone' })
  })
})

describe('the plan of a search', () => {
  it('by network reads the sessions of that network alone, to count them and to find whose they are', async () => {
    const plan = await explainQuery(store.database, (tx) =>
      searchAccounts(tx, { network: '10.7.0.0/16' }, { limit: 50 }),
    )
    expect(plan.scans.filter((scan) => scan.endsWith(' sessions_ip'))).toHaveLength(2)
    // For the moment each of the page was last seen, and for nothing else.
    expect(plan.scans.filter((scan) => scan.endsWith(' sessions_active'))).toHaveLength(1)
  })

  it.each([
    ['nothing', {}, 'accounts_created', 'created_at'],
    ['id', { id: asId('account', '0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f') }, 'accounts_pkey', 'id ='],
    ['prefix', { emailKeyPrefix: 'p12', role: 'admin' as const }, 'accounts_email_prefix', '~>=~'],
    ['state', { state: 'disabled' as const }, 'accounts_state', 'state ='],
    ['role', { role: 'admin' as const }, 'accounts_role', 'role ='],
    ['network', { network: '10.7.0.0/16' }, 'sessions_ip', 'ip >='],
    ['moment', { createdAfter: new Date() }, 'accounts_created', 'created_at'],
  ])(
    'by %s walks the index made for it, and reads no table from end to end',
    async (_name, search, index, condition) => {
      const plan = await explainQuery(store.database, (tx) => searchAccounts(tx, search, { limit: 50 }))
      expect(
        plan.scans.some((scan) => scan.endsWith(` ${index}`)),
        plan.scans.join(', '),
      ).toBe(true)
      expect(plan.conditions).toContain(condition)
      expect(plan.scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([])
    },
  )
})
