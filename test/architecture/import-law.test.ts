import { afterAll, describe, expect, test } from 'vitest'
import { checkImportLaw } from '../../infra/tasks/import-law.ts'
import { createFixture } from './fixture.ts'

const imports = (...names: string[]) => names.map((name) => `import '${name}'\n`).join('')
const thing = (room: string) => `@portcullis/${room}/thing`

/** Each file breaks the law once: its path, what it imports, and the rule that must say so. */
const crimes: readonly (readonly [path: string, imported: string, rule: string])[] = [
  ['packages/contracts/src/up.ts', thing('db'), 'room-contracts'],
  ['packages/db/src/beside.ts', thing('runtime'), 'room-db'],
  ['packages/db/src/up.ts', thing('domain'), 'room-db'],
  ['packages/runtime/src/beside.ts', thing('db'), 'room-runtime'],
  ['packages/domain/src/beside.ts', thing('queue'), 'room-domain'],
  ['packages/domain/src/mail.ts', thing('mail'), 'room-domain'],
  ['packages/queue/src/beside.ts', thing('domain'), 'room-queue'],
  ['packages/mail/src/down.ts', thing('db'), 'room-mail'],
  ['packages/client/src/down.ts', thing('runtime'), 'room-client'],
  ['packages/domain/src/up.ts', '../../../services/one/src/own.ts', 'room-domain'],
  ['services/one/src/neighbour.ts', '../../two/src/own.ts', 'service-imports-service'],
  ['services/one/src/infra.ts', '../../../infra/own.ts', 'service-looks-up'],
  ['infra/service.ts', '../services/one/src/own.ts', 'infra-looks-up'],
  ['packages/domain/src/production.ts', thing('testkit'), 'testkit-in-production'],
  ['services/one/src/production.ts', thing('testkit'), 'testkit-in-production'],
  ['services/one/src/ground.ts', './testing/ground.ts', 'testing-in-production'],
  ['services/one/src/testing-ground.ts', thing('testkit'), 'testkit-in-production'],
  ['packages/contracts/src/io.ts', 'node:fs', 'contracts-without-io'],
  ['packages/contracts/src/library.ts', 'postgres', 'contracts-without-io'],
  ['packages/client/src/io.ts', 'node:http', 'client-runs-anywhere'],
  ['services/one/src/test.ts', './own.test.ts', 'test-imported'],
  ['packages/domain/src/development.ts', 'vitest', 'development-only-library'],
  ['packages/domain/src/nowhere.ts', './nowhere-at-all.ts', 'unresolvable'],
  ['packages/domain/src/cycle-a.ts', './cycle-b.ts', 'cycle'],
  ['packages/domain/src/bullmq.ts', 'bullmq', 'library-bullmq'],
  ['services/one/src/ioredis.ts', 'ioredis', 'library-ioredis'],
  ['services/one/src/drizzle.ts', 'drizzle-orm', 'library-drizzle-orm'],
  ['packages/domain/src/postgres.ts', 'postgres', 'library-postgres'],
  ['infra/postgres.ts', 'postgres', 'library-postgres'],
  ['services/one/src/nodemailer.ts', 'nodemailer', 'library-nodemailer'],
  ['services/one/src/hono.ts', 'hono', 'library-hono'],
  ['services/one/src/node-server.ts', '@hono/node-server', 'library-hono'],
]

const lawful: Readonly<Record<string, string>> = {
  'packages/contracts/src/lawful.ts': imports('zod', './thing.ts'),
  'packages/db/src/lawful.ts': imports('postgres', 'drizzle-orm', thing('contracts')),
  'packages/runtime/src/lawful.ts': imports('node:os', thing('contracts')),
  'packages/domain/src/lawful.ts': imports(...['db', 'runtime', 'contracts'].map(thing)),
  'packages/domain/src/lawful.test.ts': imports('vitest', thing('testkit'), './lawful.ts'),
  'packages/queue/src/lawful.ts': imports('bullmq', 'ioredis', ...['db', 'runtime', 'contracts'].map(thing)),
  'packages/client/src/lawful.ts': imports('zod', thing('contracts')),
  'packages/mail/src/lawful.ts': imports('nodemailer', ...['runtime', 'contracts'].map(thing)),
  'packages/testkit/src/lawful.ts': imports('ioredis', 'postgres', ...['domain', 'queue', 'mail', 'db'].map(thing)),
  'services/one/src/own.ts': imports(...['domain', 'queue', 'mail', 'db', 'runtime', 'contracts'].map(thing)),
  'services/one/src/own.test.ts': imports('vitest', thing('testkit'), './own.ts', './testing/ground.ts'),
  'services/one/src/testing/ground.ts': imports('vitest', thing('testkit'), '../own.ts'),
  'services/two/src/own.ts': imports(thing('contracts')),
  'services/gateway/src/own.ts': imports('hono', '@hono/node-server', thing('domain')),
  'infra/own.ts': imports('node:fs', thing('db')),
  'test/own.test.ts': imports('bullmq', 'hono', 'nodemailer', '../infra/own.ts', '../services/one/src/own.ts'),
}

describe('the import law', () => {
  const fixture = createFixture()
  afterAll(() => fixture.remove())

  test('passes a house that keeps it, having read every module', async () => {
    fixture.write(lawful)
    const { modules, violations } = await checkImportLaw(fixture.folder)
    expect(violations).toEqual([])
    expect(modules).toBeGreaterThan(Object.keys(lawful).length)
  })

  test('finds every way to break it', async () => {
    fixture.write(lawful)
    fixture.write(Object.fromEntries(crimes.map(([path, imported]) => [path, imports(imported)])))
    fixture.write({ 'packages/domain/src/cycle-b.ts': imports('./cycle-a.ts') })
    const { violations } = await checkImportLaw(fixture.folder)
    const missed = crimes.filter(([path, , rule]) => !violations.some((one) => one.from === path && one.rule === rule))
    expect(missed).toEqual([])
    const innocent = violations.filter(({ from }) => from in lawful)
    expect(innocent).toEqual([])
  })
})

test('the import law reads this very house, and not nothing', async () => {
  const { modules, violations } = await checkImportLaw()
  expect(violations).toEqual([])
  expect(modules).toBeGreaterThan(100)
}, 120_000)
