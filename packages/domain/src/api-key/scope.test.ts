import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtInScopes, isScope, parseScopes, scopeCharactersMost, scopesMost } from './scope.ts'

const codes = (list: string[]) => {
  const verdict = parseScopes(list)
  return verdict.ok ? [] : verdict.faults.map(({ pointer, code }) => `${pointer} ${code}`)
}

test('no scope of this API lets a key do anything but read', () => {
  for (const scope of Object.keys(builtInScopes)) expect(scope).toMatch(/^[a-z]+(?:-[a-z]+)*:read$/)
})

test('good scopes come back in their order', () => {
  const list = ['sessions:read', 'product:servers', 'product:servers.reboot', 'product:eu-1/vm_2:x', 'account:read']
  expect(parseScopes(list)).toEqual({ ok: true, scopes: list })
  expect(parseScopes(Object.keys(builtInScopes))).toMatchObject({ ok: true })
})

describe('a list', () => {
  test('without any scope is refused: nothing never means everything', () => {
    expect(codes([])).toEqual(['/scopes scopes_missing'])
  })

  test('is bounded', () => {
    const many = Array.from({ length: scopesMost + 1 }, (_, index) => `product:x${index}`)
    expect(codes(many)).toEqual(['/scopes scopes_too_many'])
    expect(codes(many.slice(1))).toEqual([])
  })

  test('names a scope once', () => {
    expect(codes(['account:read', 'product:a', 'account:read', 'product:a'])).toEqual([
      '/scopes/2 scope_repeated',
      '/scopes/3 scope_repeated',
    ])
  })

  test('is told every fault at its place, and no fault repeats what was sent', () => {
    const list = ['account:read', 'canary:write', 'product:Canary', `product:${'canary'.repeat(20)}`]
    expect(codes(list)).toEqual(['/scopes/1 scope_unknown', '/scopes/2 scope_malformed', '/scopes/3 scope_too_long'])
    expect(JSON.stringify(parseScopes(list))).not.toMatch(/canary/i)
  })
})

test.each([
  '',
  ' ',
  '*',
  'account',
  'account:*',
  'account:write',
  'account:read ',
  'ACCOUNT:READ',
  'account:read product:x',
  'api-keys:write',
  'ssh-keys:write',
  'sessions:revoke',
  'accounts:write',
  'introspect',
  'revoke',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
])('%j is unknown', (text) => expect(codes([text])).toEqual(['/scopes/0 scope_unknown']))

test.each([
  'product:',
  'product:*',
  'product:a*',
  'product:A',
  'product: a',
  'product:a b',
  'product:a\n',
  'product:a"',
  'product:a\\b',
  'product:a..b',
  'product:.a',
  'product:a:',
  'product:a,b',
  'product:\u0430',
  'product:a\0',
])('%j is malformed', (text) => expect(codes([text])).toEqual(['/scopes/0 scope_malformed']))

test('the length of a scope is held to the character', () => {
  const longest = `product:${'a'.repeat(scopeCharactersMost - 8)}`
  expect(codes([longest])).toEqual([])
  expect(codes([`${longest}a`])).toEqual(['/scopes/0 scope_too_long'])
  expect(isScope(`${longest}a`)).toBe(false)
})

test('whatever is accepted survives the space-separated form of RFC 6749 and is the scope that was sent', () => {
  const word = fc.string({ unit: fc.constantFrom(...'ab01._:/-* A"'), maxLength: 12 })
  const scope = fc.oneof(
    word.map((rest) => `product:${rest}`),
    fc.constantFrom(...Object.keys(builtInScopes)),
    word,
  )
  fc.assert(
    fc.property(fc.array(scope, { maxLength: 6 }), (list) => {
      const verdict = parseScopes(list)
      expect(verdict.ok).toBe(list.length > 0 && new Set(list).size === list.length && list.every(isScope))
      expect(verdict.ok ? verdict.scopes : verdict.faults.length > 0).toEqual(verdict.ok ? list : true)
      const accepted = verdict.ok ? verdict.scopes : ['account:read']
      expect(accepted.join(' ').split(' ')).toEqual(accepted)
      expect(accepted.every((one) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(one))).toBe(true)
    }),
  )
})
