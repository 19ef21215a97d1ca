import { expect, it } from 'vitest'
import { canonical } from './canonical.ts'
import { genesisHash, linkHash, nextHash } from './chain.ts'
import { brokenCommitments, commitmentsOf } from './commitment.ts'

it('the chain agrees with vectors that were made elsewhere', () => {
  const first = linkHash(genesisHash, '{"seq":1,"action":"login.success"}')
  expect(first).toBe('ac2e598877ce9c37975c69fa37edc3a050d175e82e78eb1babf60e87559d9b7a')
  expect(linkHash(first, '{"seq":2,"action":"apikey.create"}')).toBe(
    '5e6bcd963b1d0f16d1f121e5c95b12c5342759d07808c6401b701b69d18cc894',
  )
})

it('a record is hashed in its canonical form, however its keys are ordered', () => {
  const hash = linkHash(genesisHash, '{"action":"login.success","seq":1}')
  expect(nextHash(genesisHash, { seq: 1, action: 'login.success' })).toBe(hash)
  expect(nextHash(genesisHash, { action: 'login.success', seq: 1 })).toBe(hash)
})

it.each([
  [
    'numbers as ECMAScript has them',
    { b: 1e30, a: 4.5, c: 2e-3, d: 0.000001 },
    '{"a":4.5,"b":1e+30,"c":0.002,"d":0.000001}',
  ],
  [
    'keys by UTF-16 units',
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 },
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  ],
  ['nothing escaped that need not be', { a: '\u20ac$\u000f\nA\'B"\\/' }, '{"a":"€$\\u000f\\nA\'B\\"\\\\/"}'],
])('RFC 8785: %s', (_what, value, text) => {
  expect(canonical(value)).toBe(text)
})

it('what has no canonical form is refused, not hashed', () => {
  for (const value of [undefined, Number.NaN, { a: '\ud800' }]) expect(() => canonical(value)).toThrow()
})

const salt = '7d444840-9dc0-41d1-b245-5ffdce74fad2'
const values = { accountId: 'a', actorId: null, subjectId: 's', requestId: 'r', details: { b: [1, null], a: 'x' } }

it('a commitment proves a value and no other, and depends on salt and field', () => {
  const commitments = commitmentsOf(salt, values)
  expect(brokenCommitments({ ...values, salt, commitments })).toEqual([])
  expect(brokenCommitments({ ...values, salt, commitments, details: { a: 'x', b: [1, null] } })).toEqual([])
  expect(brokenCommitments({ ...values, salt, commitments, details: { a: 'x', b: [1] } })).toEqual(['details'])
  expect(brokenCommitments({ ...values, salt, commitments, actorId: 'a', accountId: null })).toEqual([
    'accountId',
    'actorId',
  ])
  expect(brokenCommitments({ ...values, salt: '7d444840-9dc0-41d1-b245-5ffdce74fad3', commitments })).toHaveLength(5)
  expect(
    new Set(Object.values(commitmentsOf(salt, { accountId: 1, actorId: 1, subjectId: 1, requestId: 1, details: 1 })))
      .size,
  ).toBe(5)
})

it('of an erased event nothing may be claimed', () => {
  const commitments = commitmentsOf(salt, values)
  const erased = { accountId: null, actorId: null, subjectId: null, requestId: null, details: null }
  expect(brokenCommitments({ ...erased, salt: null, commitments })).toEqual([])
  expect(brokenCommitments({ ...erased, subjectId: 's', salt: null, commitments })).toEqual(['subjectId'])
})
