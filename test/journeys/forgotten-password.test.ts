import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type House, openHouse, tokenIn } from '../house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(async () => {
  await house?.close()
})

const password = 'Correct-Horse-7-Battery'

async function register(email: string, name = 'Grace Example'): Promise<void> {
  expect((await house.post('/v1/accounts', { email, password, name })).status).toBe(202)
  const [mail] = await house.mails(email)
  expect((await house.post('/v1/email-verifications', { token: tokenIn(mail!) })).status).toBe(204)
}

describe('a forgotten password', () => {
  it('travels from the gateway to a real inbox and back', async () => {
    const email = 'grace@example.com'
    await register(email)
    const asked = await house.post('/v1/password-resets', { email })
    expect(asked.status).toBe(202)
    expect(await asked.json()).toEqual({ status: 'accepted' })
    const [mail] = await house.mails(email, 2)
    const token = tokenIn(mail!)
    const done = await house.post('/v1/password-resets/completions', { token, password: 'Another-Fine-9-Day' })
    expect(done.status).toBe(204)
    const [notice] = await house.mails(email, 3)
    expect(notice?.subject).toMatch(/password/i)
    const again = await house.post('/v1/password-resets/completions', { token, password: 'Another-Fine-9-Dog' })
    expect(again.status).toBe(422)
    expect(await again.json()).toMatchObject({ code: 'token_invalid' })
  })
})
