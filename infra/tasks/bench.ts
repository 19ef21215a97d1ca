import { join } from 'node:path'
import { spawnTied } from '@portcullis/local/child'
import { root } from '@portcullis/local/root'
import { build } from './build.ts'

// Measures, and judges nobody: a goal that is missed is a row that says so, and no failure.
const built = await build()
if (!built.ok) {
  process.stderr.write(`The build failed, so there is nothing to measure.\n\n${built.output}\n`)
  process.exit(1)
}
const words = ['--conditions=@portcullis/source', join(root, 'test/load/run.ts'), ...process.argv.slice(2)]
const bench = spawnTied(process.execPath, words, { cwd: root, show: true })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => bench.kill('SIGTERM'))
const { code } = await bench.exited
process.exitCode = code ?? 1
