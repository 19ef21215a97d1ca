import { Failure } from '@portcullis/contracts/errors'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLogger } from './log.ts'
import type { Logger } from './log.ts'
import { Secret } from './secret.ts'

const canary = 'canary-8d21c7'

function capture(): { log: Logger; text: () => string; lines: () => Record<string, unknown>[] } {
  const written: string[] = []
  const log = createLogger({
    service: 'probe',
    level: 'trace',
    destination: { write: (line: string) => void written.push(line) },
  })
  const lines = () => written.map((line): Record<string, unknown> => JSON.parse(line))
  return { log, text: () => written.join(''), lines }
}

/** As the driver makes it: the row is in `detail`, and the wrapper's message holds the parameters. */
class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly code = '23505'
  readonly constraint_name = 'accounts_email_key'
  readonly routine = '_bt_check_unique'
  readonly detail = `Key (email)=(${canary}) already exists.`
  readonly query = `insert ${canary}`
  readonly parameters = [canary]
}

class DrizzleQueryError extends Error {
  constructor(cause: Error) {
    super(`Failed query: insert\nparams: ${canary}\n    at ${canary} (file.ts:1:1)`, { cause })
  }
}

test('a line is one JSON object with level, UTC time, service and message', () => {
  const { log, lines } = capture()
  log.info({ rows: 3 }, 'swept')
  expect(lines()).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'probe',
      pid: process.pid,
      rows: 3,
      msg: 'swept',
    },
  ])
})

test.each([
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'newPassword',
  'current_password',
  'token',
  'tokens',
  'resetToken',
  'ACCESS_TOKEN',
  'email',
  'emailAddress',
  'address',
  'addresses',
  'secret',
  'clientSecret',
  'code',
  'backupCodes',
  'key',
  'apiKey',
  'x-api-key',
  'totp',
  'otpauthUrl',
  'credentials',
  'recipient',
  'pin',
])('a field named %s is redacted at the top, nested, in arrays and in child loggers', (name) => {
  const { log, text, lines } = capture()
  log.info({ [name]: canary }, 'top')
  log.info({ a: { [name]: canary, b: { [name]: { c: canary } } }, list: [{ [name]: [canary] }] }, 'nested')
  log
    .child({ [name]: canary })
    .child({ request: { [name]: canary } })
    .warn('child')
  log.info('with %o', { [name]: canary })
  expect(lines()).toHaveLength(4)
  expect(text()).not.toContain(canary)
  expect(text()).toContain('[redacted]')
})

test('names, counts and codes that are no secrets are printed', () => {
  const { log, lines } = capture()
  const fields = {
    tokenId: 'a1',
    emailCount: 2,
    errorCode: 'x',
    statusCode: 404,
    exitCode: 1,
    footprint: 'f',
    keyboard: 'k',
  }
  log.info(fields, 'plain')
  expect(lines()[0]).toMatchObject(fields)
})

test.each([
  ['as err', (log: Logger, error: Error) => log.error({ err: error }, 'failed')],
  ['without a message', (log: Logger, error: Error) => log.error({ err: error })],
  ['alone', (log: Logger, error: Error) => log.error(error)],
  ['alone with a message', (log: Logger, error: Error) => log.error(error, 'failed')],
  ['under another name', (log: Logger, error: Error) => log.error({ reason: { deep: [error] } }, 'failed')],
  ['in a message', (log: Logger, error: Error) => log.error('failed: %s %o', error, error)],
  ['in a child', (log: Logger, error: Error) => log.child({ reason: error }).error('failed')],
])('an error of the database, logged %s, tells its SQLSTATE and nothing of the row', (_how, write) => {
  for (const error of [
    new DrizzleQueryError(new PostgresError(`value ${canary}`)),
    new Failure('internal_error', { cause: new PostgresError(canary) }),
    new Error(`cannot save: ${new PostgresError(canary).message}`, { cause: new PostgresError(canary) }),
    new AggregateError([new PostgresError(canary)], 'several'),
  ]) {
    const { log, text } = capture()
    write(log, error)
    expect(text()).not.toContain(canary)
    expect(text()).toContain('23505')
    expect(text()).toContain('accounts_email_key')
  }
})

test('an error logged without words gives the line its own: the message, or the SQLSTATE', () => {
  const { log, lines } = capture()
  log.error(new PostgresError(canary))
  log.error({ err: new Error('the pool is closed') })
  expect(lines().map((line) => line['msg'])).toEqual(['PostgresError 23505', 'the pool is closed'])
})

test('a body that is not JSON is not quoted', () => {
  const { log, text } = capture()
  try {
    JSON.parse('hunter2')
  } catch (error) {
    log.error(error)
    log.error(new Error(`bad body: ${String(error)}`, { cause: error }))
  }
  expect(text()).toContain('the text is not valid JSON')
  expect(text()).not.toContain('hunter2')
})

test('a failure is told with its code, its internal text, frames and the chain of causes', () => {
  const { log, lines } = capture()
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', address: canary })
  log.error({ err: new Failure('store_unavailable', { internal: 'the pool is closed', cause }) }, 'refused')
  expect(lines()[0]).toMatchObject({
    msg: 'refused',
    err: {
      name: 'Failure',
      code: 'store_unavailable',
      message: 'the pool is closed',
      stack: expect.stringMatching(/^ {4}at .*log\.test\.ts:\d+:\d+\)?/),
      cause: { name: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' },
    },
  })
})

test('a stack does not repeat the message, nor lines of a message that imitate frames', () => {
  const { log, lines } = capture()
  log.error({ err: new DrizzleQueryError(new Error('cause')) }, 'failed')
  expect(lines()[0]).toMatchObject({ err: { name: 'DrizzleQueryError', stack: expect.stringMatching(/^ {4}at /) } })
  expect(JSON.stringify(lines())).not.toContain('Failed query')
})

test.each([
  [
    'a refused recipient',
    () => {
      throw new Error(`550 no such user <${canary}@example.com>`)
    },
  ],
  [
    'an address of a store',
    () => {
      throw new Error(`cannot reach postgres://app:${canary}@db.internal/app`)
    },
  ],
  [
    'a link',
    () => {
      throw new Error(`GET https://id.example.com/reset?t=${canary}#${canary} failed`)
    },
  ],
])('the message of an error about %s does not show it', (_what, fail) => {
  const { log, text } = capture()
  try {
    fail()
  } catch (error) {
    log.error({ err: error }, `failed: ${String(error)}`)
    log.error(error)
  }
  expect(text()).not.toContain(canary)
})

test('secrets, bytes, query strings and strange objects do not show what they hold', () => {
  const { log, text } = capture()
  const circle: Record<string, unknown> = { at: { path: `/reset?x=${canary}`, url: `/a#${canary}` } }
  circle['self'] = circle
  const hostile = {
    get trap(): string {
      throw new Error(canary)
    },
  }
  log.info({ a: new Secret(canary), b: Buffer.from(canary), c: new Map([[canary, canary]]), circle, hostile }, 'odd')
  log.info({ f: () => canary, n: 10n, when: new Date(0), nothing: null, huge: 'x'.repeat(1e6) }, 'odder')
  expect(text()).not.toContain(canary)
  expect(text()).not.toContain(Buffer.from(canary).toString('base64'))
  expect(text()).toContain('1970-01-01T00:00:00.000Z')
  expect(text().length).toBeLessThan(10_000)
})

test('no text can start a line of its own, or hide part of one', () => {
  const sign = fc.constantFrom(
    '\n',
    '\r',
    '\r\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\u001b[2J',
    '\u202e',
    '\u0000',
    '"',
    '\\',
    '%s',
    '%o',
  )
  const hostile = fc
    .array(fc.oneof(sign, fc.string({ maxLength: 8 })), { maxLength: 12 })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(hostile, hostile, hostile, (text, name, message) => {
      const written: string[] = []
      const log = createLogger({
        service: 's',
        level: 'info',
        destination: { write: (line: string) => void written.push(line) },
      })
      log.child({ bound: text }).info({ [name]: text, deep: { [name]: [text] } }, message, text)
      expect(written).toHaveLength(1)
      const line = written.join('')
      expect(line.endsWith('\n')).toBe(true)
      // oxlint-disable-next-line no-control-regex -- these must be absent
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
      expect(JSON.parse(line)).toHaveProperty('level', 'info')
    }),
  )
})
