import type { AuditKey } from '@portcullis/contracts/audit-export'
import { verifyExport } from '@portcullis/domain/audit/verify'
import { newSessionToken } from '@portcullis/domain/api-key/credential-token'
import { newId } from '@portcullis/runtime/id'
import { makeAccount } from '@portcullis/testkit/factory'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type House, openHouse, until } from '../house.ts'

let house: House
let authorization: string

beforeAll(async () => {
  house = await openHouse({ services: ['gateway', 'relay', 'sweeper'] })
  const { id } = await makeAccount(house.database)
  await house.database.sql`update accounts set role = 'admin' where id = ${id}`
  const { token, hash } = newSessionToken()
  await house.database.sql`
    insert into sessions (id, account_id, token_hash, epoch, expires_at, second_factor)
    select ${newId('session')}, id, ${hash}, security_epoch, now() + interval '30 days', true
    from accounts where id = ${id}`
  authorization = `Bearer ${token}`
})
afterAll(() => house?.close())

async function exportText(): Promise<string> {
  const answer = await fetch(`${house.gateway}/v1/admin/audit-events/export`, { headers: { authorization } })
  expect(answer.status).toBe(200)
  return answer.text()
}

async function publishedKeys(): Promise<AuditKey[]> {
  const answer = await fetch(`${house.gateway}/.well-known/portcullis-audit-keys`)
  const { keys } = (await answer.json()) as { keys: AuditKey[] }
  return keys
}

async function verify(text: string) {
  async function* once() {
    yield text
  }
  return verifyExport(once(), { keys: await publishedKeys() })
}

it('what the house does is sealed by itself within seconds, exported, and proven; one letter more is caught and named', async () => {
  for (let nth = 0; nth < 20; nth += 1) await house.post('/v1/password-resets', { email: `nobody-${nth}@example.com` })
  await until('all is sealed', async () => {
    const [row] = await house.database.sql<{ events: number; sealed: number }[]>`
      select (select count(*) from audit_events)::int4 as events, (select count(*) from audit_chain)::int4 as sealed`
    return row && row.events >= 20 && row.events === row.sealed
  })
  const text = await exportText()
  const verdict = await verify(text)
  expect(verdict).toMatchObject({ ok: true, trusted: true })
  expect(verdict.ok && verdict.events).toBeGreaterThanOrEqual(20)
  expect(text).not.toContain('nobody-')

  const lines = text.split('\n')
  const at = lines.findIndex((line) => line.includes('"sequence":11,'))
  lines[at] = (lines[at] ?? '').replace('authn_password_reset_requested', 'authn_password_reset_requestee')
  expect(await verify(lines.join('\n'))).toMatchObject({ ok: false, code: 'event_changed', sequence: 11, line: at + 1 })
})

it('the services run as a role that cannot touch what was sealed', async () => {
  const rows = await house.database.sql<{ name: string; role: string }[]>`
    select distinct application_name as name, usename as role from pg_stat_activity
    where datname = current_database() and application_name like 'portcullis %' and application_name <> 'portcullis test'`
  expect(rows.length).toBeGreaterThan(2)
  expect(new Set(rows.map((row) => row.role))).toEqual(new Set(['portcullis_service']))
})
