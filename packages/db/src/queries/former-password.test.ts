import { useDatabase } from '@portcullis/testkit/database'
import { explainQuery } from '@portcullis/testkit/explain'
import { makeAccount } from '@portcullis/testkit/factory'
import { expect, it } from 'vitest'
import { inTransaction } from '../transaction.ts'
import { updatePassword } from './account.ts'
import { listFormerPasswords } from './former-password.ts'

const store = useDatabase()

it('the latest ten passwords of an account are kept, the newest first, and none of another account goes', async () => {
  const [account, other] = [
    await makeAccount(store.database, { passwordHash: 'hash-0' }),
    await makeAccount(store.database, { passwordHash: 'other-0' }),
  ]
  await inTransaction(store.database, (tx) => updatePassword(tx, other.id, 'other-1'))
  for (let nth = 1; nth <= 12; nth += 1)
    await inTransaction(store.database, (tx) => updatePassword(tx, account.id, `hash-${nth}`))
  const newest = Array.from({ length: 10 }, (_, at) => `hash-${11 - at}`)
  expect(await listFormerPasswords(store.database, account.id)).toEqual(newest)
  const [row] = await store.database.sql`
    select count(*)::int as kept from former_passwords where account_id = ${account.id}`
  expect(row?.['kept']).toBe(10)
  expect(await listFormerPasswords(store.database, other.id)).toEqual(['other-0'])
})

it('an account that had no password has no former one', async () => {
  const account = await makeAccount(store.database)
  await store.database.sql`update accounts set password_hash = null where id = ${account.id}`
  await inTransaction(store.database, (tx) => updatePassword(tx, account.id, 'hash'))
  expect(await listFormerPasswords(store.database, account.id)).toEqual([])
})

it('a change of the password goes by its indexes, and reads no table from end to end', async () => {
  const account = await makeAccount(store.database)
  const { scans } = await explainQuery(store.database, (tx) => updatePassword(tx, account.id, 'hash'))
  for (const index of ['accounts_pkey', 'former_passwords_account']) expect(scans.join('\n')).toContain(index)
  expect(scans.filter((scan) => scan.startsWith('Seq Scan'))).toEqual([])
})
