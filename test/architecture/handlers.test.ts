import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const imports = `import type { Handler, HandlersFor, TransactionHandler } from '@portcullis/queue/handler'
import { effect, oneByOne, planned } from '@portcullis/queue/handler'
import { done } from '@portcullis/queue/outcome'
declare const registration: Handler<'registration.requested'>
declare const notice: Handler<'send.notice'>
declare const webhook: Handler<'deliver.webhook'>
declare const changing: Handler<'email.changing'>
declare const support: Handler<'tell.support'>
declare const reset: Handler<'reset.requested'>
`

/** Each is a file of its own; the bad ones have one fault each. */
const fixtures = {
  whole: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': registration, 'send.notice': notice, 'deliver.webhook': webhook, 'tell.support': support, 'email.changing': changing }`,
  effects: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': registration, 'deliver.webhook': webhook, 'tell.support': support, 'email.changing': changing,
    'send.notice': effect({
      actSeconds: 1,
      claim: async (_tx, jobs) => jobs.map((job) => planned({ to: job.payload.noticeId })),
      act: async (plan) => plan.to.length,
      record: async (_tx, acted) => acted.map(({ receipt }) => (receipt > 0 ? done : done)) }) }`,
  missing: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': registration, 'send.notice': notice, 'deliver.webhook': webhook,
    'email.changing': changing }`,
  misplaced: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': registration, 'send.notice': notice, 'deliver.webhook': webhook, 'tell.support': support, 'email.changing': changing, 'reset.requested': reset }`,
  exchanged: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': notice, 'send.notice': notice, 'deliver.webhook': webhook, 'tell.support': support, 'email.changing': changing }`,
  payload: `export const work: TransactionHandler<'send.notice'>['work'] = oneByOne(async (_tx, job) => {
    job.payload.accountId
    return done })`,
  outcome: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': registration, 'deliver.webhook': webhook, 'tell.support': support, 'email.changing': changing,
    'send.notice': { kind: 'transaction', work: async () => ['done'] } }`,
  beat: `export const handlers: HandlersFor<'notifier'> = {
    'registration.requested': registration, 'deliver.webhook': webhook, 'tell.support': support, 'email.changing': changing,
    'send.notice': { kind: 'effect', actSeconds: 1, claim: async () => [], act: async () => 1 } }`,
  deaf: `export const handlers: HandlersFor<'gateway'> = { 'send.notice': notice }`,
} as const

let folder: string
let said: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-handlers-'))
  // Seen from a service, so that packages are found as services find them.
  symlinkSync(join(root, 'services/notifier/node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  mkdirSync(join(folder, 'src'))
  for (const [name, text] of Object.entries(fixtures)) writeFileSync(join(folder, 'src', `${name}.ts`), imports + text)
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declarationMap: false,
    sourceMap: false,
    noUnusedLocals: false,
    rootDir: '/',
    typeRoots: [join(root, 'node_modules/@types')],
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['src'] }),
  )
  said = await compile()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the compiler says of the fixtures; it is to find fault, so its exit code is no failure here. */
function compile(): Promise<string> {
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return new Promise((resolve) => {
    execFile(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { cwd: folder }, (_error, out, err) =>
      resolve(out + err),
    )
  })
}

/** Each fault of a fixture, with the lines that explain it. */
const faultsOf = (name: keyof typeof fixtures) =>
  said.split(/\n(?=\S)/).filter((fault) => fault.startsWith(`src/${name}.ts(`))

it('every fault that the compiler finds is in a fixture, so the house itself was read in good order', () => {
  const lines = said.split('\n').filter((line) => /^\S/.test(line))
  expect(lines.filter((line) => !/^src\/\w+\.ts\(/.test(line))).toEqual([])
})

it.each(['whole', 'effects'] as const)(
  'a service with a handler for each message that it hears compiles (%s)',
  (name) => {
    expect(faultsOf(name)).toEqual([])
  },
)

it.each([
  ['missing', /Property '.tell\.support.' is missing/],
  ['misplaced', /'Handler<"reset\.requested">' is not assignable to type 'never'/],
  ['exchanged', /not assignable to type 'Handler<"registration\.requested">'/],
  ['payload', /'accountId' does not exist/],
  ['outcome', /'Promise<string\[\]>' is not assignable to type 'Promise<readonly Outcome\[\]>'/],
  ['beat', /not assignable to type 'Handler<"send\.notice">'/],
  ['deaf', /'Handler<"send\.notice">' is not assignable to type 'never'/],
] as const)('a handler that is wrong does not compile: %s', (name, words) => {
  expect(faultsOf(name)).toEqual([expect.stringMatching(words)])
})
