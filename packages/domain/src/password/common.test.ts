import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonPasswords } from './common-list.ts'
import { checkPassword, type PasswordRules } from './policy.ts'

const file = createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common/src/passwords.json')
const entries = JSON.parse(readFileSync(file, 'utf8')) as string[]
const rules: PasswordRules = { profile: 'classic', email: '', name: '', contextWords: [], secondFactor: false }
const isCommon = (password: string, by: PasswordRules) =>
  checkPassword(password, by).some((fault) => fault.code === 'password_common')
const breaksOtherRule = (password: string, by: PasswordRules) =>
  checkPassword(password, by).some((fault) => fault.code !== 'password_common')

/** How many of the list's passwords, most common first, have a form that the policy would take but for the list. All must be refused. */
function countRefused(by: PasswordRules, forms: (entry: string) => string[], enough: number): number {
  let count = 0
  for (const entry of entries) {
    if (count === enough) break
    const allowed = forms(entry).filter((form) => !breaksOtherRule(form, by))
    expect(allowed.filter((form) => !isCommon(form, by))).toEqual([])
    if (allowed.length > 0) count += 1
  }
  return count
}

describe('the list of common passwords', () => {
  test('finds each of its entries at its place, and nothing else', () => {
    const list = commonPasswords()
    expect(list.size).toBe(entries.length)
    expect(entries.findIndex((entry, index) => list.rank(entry) !== index)).toBe(-1)
    for (const other of [
      '',
      '"',
      ',',
      '","',
      '123456"',
      'passwordx',
      'Password',
      'vqmtwzkr',
      'p\u00e4ssword',
      '\u0170assword',
    ]) {
      expect(list.rank(other)).toBeUndefined()
    }
  })

  test('stops, in classic, the forms that please the rule of at least 3,000 common passwords (ASVS 6.2.4)', () => {
    const capital = (entry: string) => entry.slice(0, 1).toUpperCase() + entry.slice(1)
    const forms = (entry: string) => [`${capital(entry)}1!`, `${capital(entry)}@2026`]
    expect(countRefused(rules, forms, 3000)).toBe(3000)
  })

  test('stops, in modern beside a second factor, at least 3,000 common passwords as they are (ASVS 6.2.4)', () => {
    expect(countRefused({ ...rules, profile: 'modern', secondFactor: true }, (entry) => [entry], 3000)).toBe(3000)
  })

  test('stops, in modern alone, the long forms of at least 3,000 common passwords (ASVS 6.2.4)', () => {
    const forms = (entry: string) => [entry.repeat(Math.ceil(15 / entry.length)), `${entry}1234567890`]
    expect(countRefused({ ...rules, profile: 'modern' }, forms, 3000)).toBe(3000)
  })

  test('leaves random passwords and passphrases alone', () => {
    const pick = fc.constantFrom(...'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!$%&*-+=?@')
    const random = fc.array(pick, { minLength: 12, maxLength: 12 }).map((chars) => chars.join(''))
    const word = fc.constantFrom(...entries.slice(0, 3000).filter((entry) => /^[a-z]{5,}$/.test(entry)))
    const phrase = fc.uniqueArray(word, { minLength: 4, maxLength: 4 }).map((words) => words.join(' '))
    const modern: PasswordRules = { ...rules, profile: 'modern' }
    const named = [
      ...fc.sample(random, { numRuns: 1000, seed: 1 }).filter((one) => isCommon(one, rules)),
      ...fc.sample(phrase, { numRuns: 500, seed: 2 }).filter((one) => isCommon(one, modern)),
    ]
    expect(named).toEqual([])
  })
})
