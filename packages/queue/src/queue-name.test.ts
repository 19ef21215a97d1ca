import { newId } from '@portcullis/runtime/id'
import { expect, it } from 'vitest'
import { jobIdOf, parseJobId } from './queue-name.ts'

it('the name of a handing-out is read back as it was written, and is one that BullMQ accepts', () => {
  for (const generation of [0, 1, 50, 999_999_999]) {
    const one = { id: newId('job'), generation }
    const name = jobIdOf(one)
    expect(parseJobId(name)).toEqual(one)
    expect(name).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(name).not.toMatch(/^\d+$/)
  }
})

it.each([
  undefined,
  '',
  '17',
  'not-a-job',
  '0198c5a8-1111-7000-8000-000000000000',
  '0198c5a8-1111-7000-8000-000000000000_',
  '0198c5a8-1111-7000-8000-000000000000_-1',
  '0198c5a8-1111-7000-8000-000000000000_1x',
  '0198c5a8-1111-7000-8000-000000000000_99999999999',
  '0198C5A8-1111-7000-8000-000000000000_1',
  'repeat:0198c5a8-1111-7000-8000-000000000000_1',
])('%j is not of the ledger', (name) => {
  expect(parseJobId(name)).toBeUndefined()
})
