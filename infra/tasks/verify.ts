import { join } from 'node:path'
import { watchParent } from '@portcullis/local/parent'
import { root } from '@portcullis/local/root'
import { checkImportLaw } from './import-law.ts'
import { runTool, type ToolAnswer } from './tool.ts'

/** One look at the whole repository. */
interface Check {
  readonly name: string
  readonly look: () => Promise<ToolAnswer>
}

/** The longest first, so that the others fit beside it. */
const checks: readonly Check[] = [
  { name: 'lint', look: () => runTool('oxlint', ['--type-aware', '--report-unused-disable-directives']) },
  { name: 'types', look: () => runTool('tsc', ['-p', 'test/tsconfig.json', '--noEmit']) },
  { name: 'import law', look: lookAtImports },
  { name: 'unused code', look: lookForUnused },
  { name: 'format', look: () => runTool('oxfmt', ['--check', '.']) },
]

/** Checks that are at work at the same time. */
const atOnce = 2

async function lookAtImports(): Promise<ToolAnswer> {
  const { modules, violations } = await checkImportLaw()
  const lines = violations.map(({ rule, from, to }) => `${rule}: ${from} → ${to}`)
  if (modules === 0) lines.push('no module was read, so nothing was checked')
  return { ok: lines.length === 0, output: lines.join('\n') }
}

function lookForUnused(): Promise<ToolAnswer> {
  return runTool('knip', ['--config', '.knip.json', '--no-progress', '--no-config-hints'])
}

/** Runs every check though one fails, a line for each, and what a failing one said. True when all are content. */
export async function verify(): Promise<boolean> {
  const waiting = [...checks]
  let content = true
  const work = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const began = performance.now()
      const { ok, output } = await check.look()
      const seconds = ((performance.now() - began) / 1_000).toFixed(1)
      console.log(`${ok ? '  ok  ' : 'FAILED'}  ${check.name.padEnd(12)} ${seconds.padStart(5)} s`)
      if (!ok) console.log(`\n${output.replaceAll(join(root, '/'), '')}\n`)
      content &&= ok
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return content
}

if (import.meta.main) {
  watchParent(() => process.exit(1))
  process.exitCode = (await verify()) ? 0 : 1
}
