import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFixture, repository } from './fixture.ts'

/** Where the same line is a crime, and where it is in order. */
const crimes: readonly (readonly [line: string, rule: string, forbidden: string, allowed: string])[] = [
  ['export const at = new Date()', 'no-current-date', 'packages/domain/src', 'packages/runtime/src'],
  ['export const at = Date()', 'no-current-date', 'services/one/src', 'test'],
  ['export const at = Date.now()', 'no-restricted-properties', 'packages/db/src', 'packages/runtime/src'],
  ['export const at = performance.now()', 'no-restricted-properties', 'packages/queue/src', 'infra'],
  ['export const chance = Math.random()', 'no-restricted-properties', 'packages/domain/src', 'packages/runtime/src'],
  ['export const id = crypto.randomUUID()', 'no-restricted-properties', 'services/one/src', 'packages/runtime/src'],
  [
    "import { randomUUID } from 'node:crypto'\nexport const id = randomUUID()",
    'no-restricted-imports',
    'packages/domain/src',
    'packages/runtime/src',
  ],
  [
    "import { v7 } from 'uuid'\nexport const id = v7()",
    'no-restricted-imports',
    'packages/db/src',
    'packages/runtime/src',
  ],
  ["export const word = process.env['WORD']", 'no-restricted-properties', 'packages/runtime/src', 'infra'],
  ["console.log('seen')", 'no-console', 'services/one/src', 'infra'],
]

interface Diagnostic {
  readonly code: string
  readonly filename: string
}

describe('the lint law', () => {
  const fixture = createFixture()
  let found: readonly Diagnostic[] = []
  const pathOf = (folder: string, at: number) => `${folder}/line-${at}.ts`
  const rulesAt = (path: string) => found.filter((one) => one.filename === path).map((one) => one.code)

  beforeAll(() => {
    copyFileSync(join(repository, '.oxlintrc.json'), join(fixture.folder, '.oxlintrc.json'))
    cpSync(join(repository, 'infra', 'lint'), join(fixture.folder, 'infra', 'lint'), { recursive: true })
    for (const [at, [line, , forbidden, allowed]] of crimes.entries()) {
      fixture.write({ [pathOf(forbidden, at)]: `${line}\n`, [pathOf(allowed, at)]: `${line}\n` })
    }
    fixture.write({
      'services/one/src/main.ts': "export const word = process.env['WORD']\n",
      'services/two/src/main.ts': 'export const at = Date.now()\n',
      'packages/domain/src/convert.ts': 'export const at = (seconds: number) => new Date(seconds * 1000)\n',
    })
    const lint = spawnSync(join(repository, 'node_modules', '.bin', 'oxlint'), ['--format', 'json'], {
      cwd: fixture.folder,
      encoding: 'utf8',
      // The JavaScript rule needs the pinned Node.
      env: { ...process.env, PATH: `${join(repository, 'node_modules', '.bin')}:${process.env['PATH']}` },
    })
    found = (JSON.parse(lint.stdout) as { diagnostics: Diagnostic[] }).diagnostics
  })
  afterAll(() => fixture.remove())

  test.each(crimes.map((crime, at) => [...crime, at] as const))(
    '%s (%s): refused in %s, in order in %s',
    (_line, rule, forbidden, allowed, at) => {
      expect(rulesAt(pathOf(forbidden, at)).join()).toContain(rule)
      expect(rulesAt(pathOf(allowed, at)).join()).not.toContain(rule)
    },
  )

  test('settings are read in a main.ts, which still has no clock', () => {
    expect(rulesAt('services/one/src/main.ts')).toEqual([])
    expect(rulesAt('services/two/src/main.ts').join()).toContain('no-restricted-properties')
  })

  test('a moment may be converted anywhere', () => {
    expect(rulesAt('packages/domain/src/convert.ts')).toEqual([])
  })
})
