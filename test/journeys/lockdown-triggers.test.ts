import { formatId, type Id } from '@portcullis/contracts/ids'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, type InboxMail, openHouse, tokenIn, until } from '../house.ts'

const password = 'Correct-Horse-7-Battery'
const newPassword = 'Quiet-Otter-42-lantern'

let house: House
beforeAll(async () => {
  house = await openHouse({ services: ['gateway', 'relay', 'notifier', 'lockdown'] })
}, 180_000)
afterAll(async () => {
  await house?.close()
})

interface Owner {
  readonly email: string
  readonly id: Id<'account'>
  readonly token: string
}

/** Registers by mail and logs in. */
async function makeOwner(name: string): Promise<Owner> {
  const email = `${name}@example.com`
  await house.client().registerAccount({ body: { email, password, name: 'Grace Example' } })
  const [mail] = await house.mails(email)
  await house.client().verifyEmail({ body: { token: tokenIn(mail!) } })
  const [row] = await house.database.sql<{ id: Id<'account'> }[]>`select id from accounts where email = ${email}`
  return { email, id: row!.id, token: await logIn(email, password) }
}

async function logIn(email: string, chosen: string): Promise<string> {
  const login = await house.client().createSession({ body: { email, password: chosen } })
  if (login.status !== 201) throw new Error('no second step is due')
  return String(login.body.token)
}

/** The mail that leads back in: it names the lockdown. */
async function recoveryOf(email: string): Promise<{ id: string; token: string; mail: InboxMail }> {
  let found: { id: string; token: string; mail: InboxMail } | undefined
  await until('the way back is mailed', async () => {
    const mails = await house.mails(email)
    for (const mail of mails) {
      const match = /\/recover-account#lockdown=(lck_[0-9a-f]{32})&token=([\w-]{43})/.exec(mail.text)
      if (match) found = { id: match[1] ?? '', token: match[2] ?? '', mail }
    }
    return found !== undefined
  })
  if (!found) throw new Error('no mail leads back')
  return found
}

async function stateOf(accountId: Id<'account'>) {
  const [row] = await house.database.sql<{ state: string; trigger: string; account: string }[]>`
    select lockdown.state, lockdown.trigger, account.state as account
    from lockdowns as lockdown join accounts as account on account.id = lockdown.account_id
    where account.id = ${accountId} order by opened_at desc limit 1`
  return row
}

/** Whatever set it off: nothing opens, all is proven, the owner gets back in, and only with the mail. */
async function expectLockedAndRecover(owner: Owner, trigger: string): Promise<void> {
  await expect(house.client(owner.token).getSession()).rejects.toMatchObject({ status: 401 })
  await expect(house.client().createSession({ body: { email: owner.email, password } })).rejects.toMatchObject({
    status: 401,
  })
  await until('it is contained', async () => (await stateOf(owner.id))?.state === 'contained')
  expect(await stateOf(owner.id)).toEqual({ state: 'contained', trigger, account: 'locked' })
  const { id, token } = await recoveryOf(owner.email)
  const recover = async (body: Parameters<ReturnType<House['client']>['recoverAccount']>[0]['body']) =>
    (await house.client().recoverAccount({ params: { id }, body })).body
  const { grant = '' } = await recover({ step: 'begin', token })
  await recover({ step: 'password', grant, password: newPassword })
  await recover({ step: 'second_factor', grant, skip: true })
  expect(await recover({ step: 'review', grant, decisions: [] })).toEqual({ stage: 'done', state: 'recovered' })
  const session = await logIn(owner.email, newPassword)
  const report = (await house.client(session).getLockdownReport({ params: { id }, query: {} })).body
  expect(report).toMatchObject({ trigger, state: 'recovered' })
  expect(report.steps.map(({ state }) => state)).toEqual(Array.from({ length: report.steps.length }, () => 'proven'))
}

describe('a lockdown is opened, proven and recovered from, when it is set off by', () => {
  it('its owner', async () => {
    const owner = await makeOwner('owner')
    const locked = await house.client(owner.token).lockOwnAccount({ body: { reason: 'My laptop was stolen' } })
    const watching = house.client(locked.body.watchToken)
    const operation = { params: { id: locked.body.id.replace('lck_', 'opn_') } }
    await until('the operation is done', async () => (await watching.getOperation(operation)).body.status === 'done')
    expect((await watching.getOperation(operation)).body.progress).toEqual({ done: 10, total: 10 })
    await expectLockedAndRecover(owner, 'owner')
  })

  it('the link of a security mail', async () => {
    const owner = await makeOwner('link')
    await house
      .client(owner.token)
      .changePassword({ body: { currentPassword: password, newPassword: 'Another-Fine-9-Day' } })
    let link: RegExpExecArray | null = null
    await until('a mail has the link', async () => {
      const mails = await house.mails(owner.email, 2)
      link =
        mails.map(({ text }) => /\/secure-account#token=([\w-]{43})/.exec(text)).find((one) => one !== null) ?? null
      return link !== null
    })
    const token = String((link as RegExpExecArray | null)?.[1])
    const page = await fetch(`${house.gateway}/secure-account`)
    expect(page.status).toBe(200)
    expect(await stateOf(owner.id)).toBeUndefined()
    expect((await house.client().useLockdownLink({ body: { token } })).body).toEqual({ status: 'accepted' })
    await expect(house.client().useLockdownLink({ body: { token } })).rejects.toMatchObject({ code: 'token_invalid' })
    await expectLockedAndRecover(owner, 'link')
  })

  it('an admin', async () => {
    const [owner, admin] = [await makeOwner('locked'), await makeOwner('admin')]
    await house.database.sql`update accounts set role = 'admin' where id = ${admin.id}`
    await house.database.sql`update sessions set second_factor = true where account_id = ${admin.id}`
    await house
      .client(admin.token)
      .lockAccountAsStaff({ params: { id: formatId('account', owner.id) }, body: { reason: 'Ticket 4711' } })
    await expectLockedAndRecover(owner, 'admin')
  })

  it('an API client of the product', async () => {
    const owner = await makeOwner('client')
    const { secret } = await createApiClient(house.database, { name: 'Shop', scopes: ['accounts:write'] })
    await house.client(secret).lockAccount({ params: { id: formatId('account', owner.id) }, body: {} })
    await expectLockedAndRecover(owner, 'api_client')
  })

  it('a second bad signal of the product that nobody answered', async () => {
    const owner = await makeOwner('signal')
    const { secret } = await createApiClient(house.database, { name: 'Fraud desk', scopes: ['signals:write'] })
    const signal = {
      accountId: formatId('account', owner.id),
      kind: 'verdict',
      level: 'high',
      reason: 'drained',
    } as const
    const report = () => house.client(secret).reportSignal({ body: signal })
    expect((await report()).body.taken).toBe('step_up')
    expect((await report()).body.taken).toBe('lockdown')
    await expectLockedAndRecover(owner, 'signal')
  })

  it('the old mailbox, that takes a change of address back', async () => {
    const owner = await makeOwner('reverted')
    const intruders = 'intruder@example.com'
    await house.client(owner.token).requestEmailChange({ body: { email: intruders } })
    const [confirmation] = await house.mails(intruders)
    await house.client().confirmEmailChange({ body: { token: tokenIn(confirmation!) } })
    let token: string | undefined
    await until('the old mailbox is told', async () => {
      const mails = await house.mails(owner.email)
      token = mails.map(({ text }) => /\/revert-email-change#token=([\w-]{43})/.exec(text)?.[1]).find(Boolean)
      return token !== undefined
    })
    await house.client().revertEmailChange({ body: { token: token ?? '' } })
    await expectLockedAndRecover(owner, 'email_reverted')
  })
})
