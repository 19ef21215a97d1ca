import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  ConfigError,
  describeConfig,
  flag,
  integer,
  optional,
  port,
  readConfig,
  seconds,
  secretText,
  secretUrl,
  setting,
  url,
} from './config.ts'
import type { Secret } from './secret.ts'

const shape = {
  DATABASE_URL: secretUrl({
    reason: 'where the truth lives',
    example: 'postgres://app@127.0.0.1:5432/app',
    protocols: ['postgres:'],
  }),
  SMTP_PASSWORD: secretText({ reason: 'to send mail', example: 'a-long-password', minChars: 8 }),
  PORT: port({ reason: 'where callers knock', example: '8080', default: 8080 }),
  LINK_SECONDS: seconds({ reason: 'how long a link lives', example: '1800', default: 1800 }),
  WORKERS: integer({ reason: 'jobs at once', example: '10', min: 1, max: 100 }),
  VERBOSE: flag({ reason: 'more log', example: 'true', default: false }),
  PUBLIC_URL: url({ reason: 'in links', example: 'https://id.example.com' }),
  PROFILE: setting(z.enum(['classic', 'modern']).default('classic'), { reason: 'password rules', example: 'modern' }),
}

const good = {
  DATABASE_URL: 'postgres://app:canary@db/app',
  SMTP_PASSWORD: 'canary-canary',
  WORKERS: '4',
  PUBLIC_URL: 'https://id.example.com',
}

function problemsOf(env: Record<string, string>): ConfigError {
  try {
    readConfig(shape, env)
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('the configuration was accepted')
}

test('a complete environment gives typed values, with defaults for what is missing or empty', () => {
  const config = readConfig(shape, { ...good, PORT: '', VERBOSE: 'on', UNKNOWN: 'ignored' })
  expectTypeOf(config.PORT).toEqualTypeOf<number>()
  expectTypeOf(config.DATABASE_URL).toEqualTypeOf<Secret>()
  expectTypeOf(config.PROFILE).toEqualTypeOf<'classic' | 'modern'>()
  expect(config).toMatchObject({ PORT: 8080, LINK_SECONDS: 1800, WORKERS: 4, VERBOSE: true, PROFILE: 'classic' })
  expect(config.DATABASE_URL.reveal()).toBe(good.DATABASE_URL)
  expect(config).not.toHaveProperty('UNKNOWN')
})

test('all problems are told at once, each with name, reason and example', () => {
  const error = problemsOf({ ...good, WORKERS: '0', PORT: '80a', PROFILE: 'old', SMTP_PASSWORD: '' })
  expect(error.problems.map((problem) => problem.name)).toEqual(['SMTP_PASSWORD', 'PORT', 'WORKERS', 'PROFILE'])
  expect(error.message).toMatchInlineSnapshot(`
    "4 settings are missing or wrong:

      SMTP_PASSWORD is missing.
        why:     to send mail
        example: SMTP_PASSWORD=a-long-password

      PORT must be a whole number from 0 to 65535; it is "80a".
        why:     where callers knock
        example: PORT=8080

      WORKERS must be a whole number from 1 to 100; it is "0".
        why:     jobs at once
        example: WORKERS=10

      PROFILE Invalid option: expected one of "classic"|"modern".
        why:     password rules
        example: PROFILE=modern"
  `)
})

test.each([
  ['a short password', { ...good, SMTP_PASSWORD: 'cana-ry' }],
  ['a database address of another scheme', { ...good, DATABASE_URL: 'mysql://app:cana-ry@db/app' }],
  ['a public address that holds a password', { ...good, PUBLIC_URL: 'https://app:cana-ry@id.example.com' }],
])('an error never shows the value of %s', (_what, env) => {
  const error = problemsOf(env)
  expect(error.problems).toHaveLength(1)
  expect(`${error.message} ${JSON.stringify(error)} ${error.stack}`).not.toContain('cana-ry')
})

test('a rule of another that quotes the value is not passed on for what may be secret', () => {
  const quoting = z.string().refine(() => false, { error: (issue) => `bad: ${String(issue.input)}` })
  const secret = { KEY: setting(quoting, { reason: 'r', example: 'e', secret: true }) }
  expect(() => readConfig(secret, { KEY: 'cana-ry' })).toThrow('KEY is not valid.')
})

test('an optional setting may be missing, and is checked all the same', () => {
  const maybe = { TRACES: optional(url({ reason: 'r', example: 'http://collector.internal:4318' })) }
  expectTypeOf(readConfig(maybe, {}).TRACES).toEqualTypeOf<string | undefined>()
  expect(readConfig(maybe, { TRACES: '' }).TRACES).toBeUndefined()
  expect(readConfig(maybe, { TRACES: 'http://c:1' }).TRACES).toBe('http://c:1')
  expect(() => readConfig(maybe, { TRACES: 'c:1' })).toThrow('TRACES must be a URL')
  expect(describeConfig(maybe)[0]?.required).toBe(false)
})

test.each(['-1', '65536', '1e3', '0x50', ' ', '８０', 'NaN'])('%j is not a port', (text) => {
  expect(problemsOf({ ...good, PORT: text }).problems).toHaveLength(1)
})

test('examples are values that work', () => {
  const env = Object.fromEntries(describeConfig(shape).map((row) => [row.name, row.example]))
  expect(() => readConfig(shape, env)).not.toThrow()
})

test('documentation tells what is required, and no default of a secret', () => {
  const rows = describeConfig(shape)
  expect(rows.filter((row) => row.required).map((row) => row.name)).toEqual([
    'DATABASE_URL',
    'SMTP_PASSWORD',
    'WORKERS',
    'PUBLIC_URL',
  ])
  expect(rows.find((row) => row.name === 'LINK_SECONDS')).toEqual({
    name: 'LINK_SECONDS',
    required: false,
    default: '1800',
    example: '1800',
    reason: 'how long a link lives',
    secret: false,
  })
})
