import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnTied, stop } from '@portcullis/local/child'
import { watchParent } from '@portcullis/local/parent'
import { dataDir, root } from '@portcullis/local/root'
import { build } from './build.ts'
import { verify } from './verify.ts'

/** Verifies, builds, tests. The last line tells the result, whatever happens; the exit code is 0 when nothing failed. */
async function main(args: readonly string[]): Promise<{ line: string; code: number }> {
  const failed = { line: '0 passed, 1 failed', code: 1 }
  const content = await verify()
  if (!content) return failed
  const built = await build()
  console.log(`${built.ok ? '  ok  ' : 'FAILED'}  build`)
  if (!built.ok) {
    console.log(`\n${built.output}\n`)
    return failed
  }
  const resultFile = join(dataDir, `test-${randomBytes(6).toString('hex')}.txt`)
  const vitest = join(root, 'test', 'node_modules', '.bin', 'vitest')
  const words = ['run', '--config', 'test/vitest.config.ts', ...args]
  // The reporter hands its line over, so that it is last here however the run ends.
  const env = { ...process.env, TEST_RESULT_FILE: resultFile }
  const run = spawnTied(vitest, words, { cwd: root, env, show: true })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop(run, { signal }))
  const { code } = await run.exited
  const line = existsSync(resultFile) ? readFileSync(resultFile, 'utf8').trim() : failed.line
  rmSync(resultFile, { force: true })
  return { line, code: code ?? 1 }
}

watchParent(() => process.exit(1))
const { line, code } = await main(process.argv.slice(2))
console.log(`\n${line}`)
process.exitCode = code
