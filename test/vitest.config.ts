import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

export default defineConfig({
  root,
  // The testkit stands on the rooms that it tests, so those cannot name it as a dependency: it is found by its place.
  resolve: { alias: [{ find: /^@portcullis\/testkit\/(.+)$/, replacement: `${root}packages/testkit/src/$1.ts` }] },
  ssr: { resolve: { conditions: ['@portcullis/source'], externalConditions: ['@portcullis/source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'infra/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '.data/**'],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/gateway-conformance.ts'],
    reporters: ['default', './test/reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A process for all: each file has a database and a prefix of its own, and modules keep nothing between calls. Loading the
    // house anew for each of them took a third of the time.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test that passes only at the second try is a bug.
    retry: 0,
  },
})
