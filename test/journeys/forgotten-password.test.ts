import { ProblemError } from '@portcullis/client/problem-error'
import { age } from '@portcullis/testkit/age'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, linkIn, openHouse, tokenIn, until } from '../house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(async () => {
  await house?.close()
})

const password = 'Correct-Horse-7-Battery'

describe('a forgotten password', () => {
  it('travels from the gateway to a real inbox and back', async () => {
    const email = await register('grace@example.com')
    const asked = await askForReset(email, { 'user-agent': firefox })
    expect(asked).toMatchObject({ status: 202, body: { status: 'accepted' } })
    const [mail] = await house.mails(email, 2)
    expect(mail).toMatchObject({ to: [email], subject: 'Reset your Portcullis password' })
    expect(mail?.text).toContain('Firefox on Linux')
    expect(mail?.html).toContain(linkIn(mail!).href)
    expect(mail?.headers).toMatchObject({ 'auto-submitted': 'auto-generated' })
    expect(mail?.headers['message-id']).toMatch(/^<password-reset\.[0-9a-f-]{36}@portcullis\.localhost>$/)

    expect(await complete(tokenIn(mail!), 'Another-Fine-9-Day')).toEqual({ status: 204 })
    const [notice] = await house.mails(email, 3)
    expect(notice?.subject).toBe('Your Portcullis password was changed')
    expect(await complete(tokenIn(mail!), 'Another-Fine-9-Dog')).toEqual({ status: 422, code: 'token_invalid' })
  })

  it('is answered alike for an address that nobody has, and no mail leaves', async () => {
    const answer = await askForReset('nobody@example.com')
    expect([answer.status, answer.body]).toEqual([202, { status: 'accepted' }])
    await until('the request is worked off', async () => {
      const rows = await house.database.sql`select id from password_resets where state = 'unknown'`
      return rows.length === 1
    })
    expect(await house.mails('nobody@example.com', 0)).toEqual([])
  })

  it('asked for twice opens by the newer link alone', async () => {
    const email = await register('twice@example.com')
    await askForReset(email)
    const [older] = await house.mails(email, 2)
    await askForReset(email)
    const [newer] = await house.mails(email, 3)
    expect(await complete(tokenIn(older!))).toEqual({ status: 422, code: 'token_invalid' })
    expect(await complete(tokenIn(newer!))).toEqual({ status: 204 })
  })

  it('has a link that is over after 30 minutes', async () => {
    const email = await register('late@example.com')
    await askForReset(email)
    const [mail] = await house.mails(email, 2)
    const [row] = await house.database.sql<{ id: string }[]>`
      select password_resets.id from password_resets join accounts on accounts.id = account_id where email = ${email}`
    await age(house.database, 'password_resets', String(row?.id), 30 * 60 + 1)
    expect(await complete(tokenIn(mail!))).toEqual({ status: 422, code: 'token_invalid' })
  })

  it('refuses a weak password with every reason, and the link stays good', async () => {
    const email = await register('weak@example.com')
    await askForReset(email)
    const [mail] = await house.mails(email, 2)
    const body = { token: tokenIn(mail!), password: 'weak' }
    const refused = await problemOf(house.client().completePasswordReset({ body }))
    expect(refused).toMatchObject({ status: 422, code: 'password_refused' })
    expect(refused.errors.map((fault) => fault.code)).toEqual(
      expect.arrayContaining([
        'password_too_short',
        'password_needs_upper',
        'password_needs_digit',
        'password_needs_special',
      ]),
    )
    expect(await complete(tokenIn(mail!))).toEqual({ status: 204 })
  })
})

describe('a registration', () => {
  it('of an address that has an account is answered alike, and its owner is told', async () => {
    const email = await register('owner@example.com')
    const body = { email: 'Owner@Example.com', password, name: 'Mallory' }
    const again = await house.client().registerAccount({ body })
    expect([again.status, again.body]).toEqual([202, { status: 'accepted' }])
    const [mail] = await house.mails(email, 2)
    expect(mail?.subject).toBe('Your address already has an account at Portcullis')
    expect(mail?.text).not.toContain('#token=')
    expect(mail?.text).not.toContain('Mallory')
  })
})

it('the trace of a request is found at the job that it caused', async () => {
  const email = await register('trace@example.com')
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  await askForReset(email, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` })
  const rows = await house.database.sql`select message from jobs where traceparent like ${`00-${traceId}-%`}`
  expect([...rows]).toEqual([{ message: 'reset.requested' }])
})

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

async function register(email: string): Promise<string> {
  await house.client().registerAccount({ body: { email, password, name: 'Grace Example' } })
  const [mail] = await house.mails(email)
  await house.client().verifyEmail({ body: { token: tokenIn(mail!) } })
  return email
}

function askForReset(email: string, headers: Record<string, string> = {}) {
  return house.client().requestPasswordReset({ body: { email } }, { headers })
}

async function complete(token: string, chosen = 'Another-Fine-9-Day'): Promise<{ status: number; code?: string }> {
  try {
    const { status } = await house.client().completePasswordReset({ body: { token, password: chosen } })
    return { status }
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code === undefined) throw error
    return { status: error.status, code: error.code }
  }
}

async function problemOf(call: Promise<unknown>): Promise<ProblemError> {
  const refused = await call.catch((error: unknown) => error)
  if (refused instanceof ProblemError) return refused
  throw new Error('the call was not refused')
}
