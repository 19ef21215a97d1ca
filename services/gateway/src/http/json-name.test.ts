import { expect, it } from 'vitest'
import { findAmbiguousName } from './json-name.ts'

it.each([
  '{}',
  '[]',
  '"a"',
  '12',
  ' { "a" : 1 , "b" : [ {"a":1}, {"a":2} ] } ',
  '{"a":{"a":{"a":1}}}',
  String.raw`{"a":"\"a\":1,\"a\":2","b":"\\","c":"{\"__proto__\":1}"}`,
  '{"constructor":1,"prototype":2,"hasOwnProperty":3}',
  '["a","a","__proto__"]',
  '{"A":1,"a":2}',
])('finds nothing in %s', (text) => {
  JSON.parse(text)
  expect(findAmbiguousName(text)).toBeUndefined()
})

it.each([
  ['{"a":1,"a":2}', 'twice', ['a']],
  [String.raw`{"email":1,"\u0065mail":2}`, 'twice', ['email']],
  ['{"a":[0,{"b":1,"c":{},"b":2}]}', 'twice', ['a', 1, 'b']],
  ['{"":1,"":2}', 'twice', ['']],
  ['{"__proto__":{}}', 'prototype', ['__proto__']],
  [String.raw`[[],{"x":{"\u005f_proto__":null}}]`, 'prototype', [1, 'x', '__proto__']],
])('finds the name in %s', (text, kind, path) => {
  JSON.parse(text)
  expect(findAmbiguousName(text)).toEqual({ kind, path })
})

it('takes a text of a million levels, quotes or backslashes in its stride', () => {
  const many = 1_000_000
  expect(findAmbiguousName('['.repeat(many) + ']'.repeat(many))).toBeUndefined()
  expect(findAmbiguousName(`{"a":"${String.raw`\"`.repeat(many)}"}`)).toBeUndefined()
  expect(findAmbiguousName(`{"a":"${'\\\\'.repeat(many)}"}`)).toBeUndefined()
})
