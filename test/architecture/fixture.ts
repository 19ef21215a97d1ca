import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of this repository. */
export const repository = fileURLToPath(new URL('../..', import.meta.url))

const packages = ['contracts', 'db', 'runtime', 'domain', 'queue', 'mail', 'client', 'testkit']
const libraries = [
  'zod',
  'bullmq',
  'ioredis',
  'drizzle-orm',
  'postgres',
  'nodemailer',
  'hono',
  '@hono/node-server',
  'vitest',
]

/** A house of cards: rooms with the same names as ours, holding only what a test writes into them. */
export interface Fixture {
  readonly folder: string
  /** Writes files by their path in the repository. */
  write(files: Readonly<Record<string, string>>): void
  remove(): void
}

/** Makes an empty house whose packages and libraries resolve as ours do. */
export function createFixture(): Fixture {
  const folder = mkdtempSync(join(tmpdir(), 'architecture-'))
  const write = (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
  }
  for (const name of packages) {
    write({
      [`packages/${name}/package.json`]: manifest(name),
      [`packages/${name}/src/thing.ts`]: `export const thing = '${name}'\n`,
    })
    mkdirSync(join(folder, 'node_modules', '@portcullis'), { recursive: true })
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules', '@portcullis', name))
  }
  for (const name of libraries) {
    write({
      [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
      [`node_modules/${name}/index.js`]: 'module.exports = {}\n',
    })
  }
  write({ 'package.json': JSON.stringify({ name: 'fixture', type: 'module' }) })
  for (const room of ['services', 'infra', 'test']) mkdirSync(join(folder, room), { recursive: true })
  return { folder, write, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function manifest(name: string): string {
  return JSON.stringify({
    name: `@portcullis/${name}`,
    type: 'module',
    exports: { './*': { '@portcullis/source': './src/*.ts', default: './dist/*.js' } },
    dependencies: Object.fromEntries(
      libraries.filter((library) => library !== 'vitest').map((library) => [library, '1.0.0']),
    ),
    devDependencies: { vitest: '1.0.0' },
  })
}
