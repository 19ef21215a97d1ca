import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** Variable that names the file the result goes to; without it the line is printed when the process ends. */
const resultFileVariable = 'TEST_RESULT_FILE'

/**
 * Ends a run with one plain line, `N passed, N failed`. A file that cannot be read and an error outside of any test count as
 * failed: what did not run has not passed.
 */
export default class PlainLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const { passed, failed, skipped } = count(modules, errors.length)
    const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
    const file = process.env[resultFileVariable]
    if (file === undefined) {
      // After the teardown, so that it is really last.
      process.once('exit', () => process.stdout.write(`\n${line}\n`))
      return
    }
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, line)
  }
}

function count(modules: readonly TestModule[], errors: number) {
  const counts = { passed: 0, failed: errors, skipped: 0 }
  for (const module of modules) {
    const states = [...module.children.allTests()].map((test) => test.result().state)
    for (const state of states) counts[state === 'pending' ? 'skipped' : state]++
    if (module.state() === 'failed' && (states.length === 0 || module.errors().length > 0)) counts.failed++
    // A set-up that failed skips its tests: each such suite counts as one that failed.
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++
  }
  return counts
}
