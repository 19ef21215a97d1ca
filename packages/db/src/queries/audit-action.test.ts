import { readdirSync, readFileSync } from 'node:fs'
import { untoldActions } from '@portcullis/contracts/audit-action'
import { actionsOf } from '@portcullis/contracts/webhook-event'
import { expect, it } from 'vitest'

/** Statements that record facts set-based, where no type sees which. */
const statements = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'audit-event.ts')
  .map((name) => ({ name, text: readFileSync(`${import.meta.dirname}/${name}`, 'utf8') }))
  .filter(({ text }) => text.includes('insert into audit_events'))

it.each(statements)('of every fact that $name records it is decided whether receivers are told', ({ text }) => {
  const recorded = [...text.matchAll(/select (?:uuidv7\(\)|audit_event_id), '([a-z_]+)'/g)].map(([, action]) => action)
  expect(recorded.length).toBeGreaterThan(0)
  const decided: readonly string[] = [...actionsOf(['*']), ...untoldActions]
  expect(recorded.filter((action) => !decided.includes(action ?? ''))).toEqual([])
})

it('such statements are found', () => {
  expect(statements.map(({ name }) => name)).toContain('revocation-chunk.ts')
})
