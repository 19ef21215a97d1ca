import { join } from 'node:path'
import { spawnTied } from '@portcullis/local/child'
import { dataDir, root } from '@portcullis/local/root'
import { readRunFile } from '@portcullis/local/run-file'

// The command line from source, on the house that runs here unless the environment names another.
const run = readRunFile(dataDir)
const here = run && { DATABASE_URL: run.database, PORTCULLIS_URL: run.gateway }
const words = [
  '--conditions=@portcullis/source',
  join(root, 'services/gateway/src/cli/main.ts'),
  ...process.argv.slice(2),
]
const cli = spawnTied(process.execPath, words, {
  cwd: process.env['INIT_CWD'] ?? root,
  show: true,
  env: { ...here, ...process.env },
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => cli.kill('SIGTERM'))
const { code } = await cli.exited
process.exitCode = code ?? 1
