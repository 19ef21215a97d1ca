// The import law: imports run down only, and rooms on one step never import each other. Test: test/architecture/import-law.test.ts.

/** What each room may import besides itself. Tests may import the testkit as well. */
const rooms = {
  contracts: [],
  db: ['contracts'],
  runtime: ['contracts'],
  domain: ['db', 'runtime', 'contracts'],
  // The worker runtime claims and settles jobs in the ledger, so the queue reaches down to the memory too.
  queue: ['db', 'runtime', 'contracts'],
  mail: ['runtime', 'contracts'],
  client: ['contracts'],
  testkit: ['domain', 'queue', 'mail', 'client', 'db', 'runtime', 'contracts'],
}

/** Libraries that only some rooms know: how the memory, the queues, the mail and HTTP are done stays their secret. */
const libraries = {
  bullmq: ['packages/queue', 'packages/testkit'],
  ioredis: ['packages/queue', 'packages/testkit'],
  'drizzle-orm': ['packages/db', 'packages/testkit'],
  'drizzle-kit': ['packages/db'],
  postgres: ['packages/db', 'packages/testkit'],
  nodemailer: ['packages/mail'],
  hono: ['services/gateway'],
  '@hono/[^/]+': ['services/gateway'],
  '@bull-board/api': ['packages/queue'],
  '@bull-board/hono': ['services/gateway'],
}

/** Rooms that the testkit stands on cannot name it as a dependency: their tests find it by its place, as the types do. */
const testkit = '@portcullis/testkit/'

const tests = '\\.test\\.ts$'

/** What the tests of a service share. No build holds it. */
const testing = '^services/[^/]+/src/testing/'

/** Matches a package wherever pnpm put it, and its bare name where it cannot be resolved at all. */
const ofPackage = (name) => `(^|node_modules/)${name}(/|$)`

const roomRules = Object.entries(rooms).map(([room, below]) => ({
  name: `room-${room}`,
  comment: `${room} may import ${below.length > 0 ? below.join(', ') : 'no other room'} and nothing else of the house.`,
  severity: 'error',
  from: { path: `^packages/${room}/` },
  to: { path: '^(packages|services|infra|test)/', pathNot: `^packages/(${[room, ...below, 'testkit'].join('|')})/` },
}))

const libraryRules = Object.entries(libraries).map(([library, homes]) => ({
  name: `library-${library.replace(/\W+/g, '-').replace(/^-|-$/g, '')}`,
  comment: `${library} is known in ${homes.join(' and ')} only.`,
  severity: 'error',
  from: { path: '^(packages|services|infra)/', pathNot: `^(${homes.join('|')})/` },
  to: { path: ofPackage(library) },
}))

module.exports = {
  forbidden: [
    ...roomRules,
    ...libraryRules,
    {
      name: 'service-imports-service',
      comment: 'A service never imports a service: they speak by messages.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'service-looks-up',
      comment: 'A service imports packages, never infra or test.',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(infra|test)/' },
    },
    {
      name: 'infra-looks-up',
      comment: 'infra starts services as processes; it never imports one, nor a test.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(services|test)/' },
    },
    {
      name: 'testkit-in-production',
      comment: 'The testkit is for tests.',
      severity: 'error',
      from: { path: '^(packages|services|infra)/', pathNot: ['^packages/testkit/', tests, testing] },
      to: { path: `^(packages/testkit/|${testkit})` },
    },
    {
      name: 'contracts-without-io',
      comment: 'The language has no I/O: zod and nothing else, no node: module.',
      severity: 'error',
      from: { path: '^packages/contracts/src/', pathNot: tests },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'],
        pathNot: ofPackage('zod'),
      },
    },
    {
      name: 'client-runs-anywhere',
      comment: 'The client runs in browsers and workers too: no node: module, and no library but zod.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: tests },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'],
        pathNot: ofPackage('zod'),
      },
    },
    {
      name: 'test-imported',
      comment: 'Nothing imports a test.',
      severity: 'error',
      from: {},
      to: { path: tests },
    },
    {
      name: 'testing-in-production',
      comment: 'What the tests of a service share is for tests: no build holds it.',
      severity: 'error',
      from: { path: '^(packages|services|infra)/', pathNot: [tests, testing] },
      to: { path: testing },
    },
    {
      name: 'development-only-library',
      comment: 'Code that ships must not need a devDependency.',
      severity: 'error',
      from: { path: '^(packages|services)/[^/]+/src/', pathNot: [tests, testing] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'cycle',
      comment: 'No cycles at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'unresolvable',
      comment: 'Every import leads somewhere, and every package used is named in the package.json beside it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: `^${testkit}` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@portcullis/source', 'import', 'types', 'node', 'default'],
    },
  },
}
