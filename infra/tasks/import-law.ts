import { join } from 'node:path'
import { root } from '@portcullis/local/root'
import { runTool } from './tool.ts'

/** One import that breaks the law. */
export interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

/** What the law's machine found. */
export interface LawReport {
  /** Modules that were read. 0 means that nothing was checked, which is no pass. */
  readonly modules: number
  readonly violations: readonly Violation[]
}

/** What dependency-cruiser's JSON holds of it. */
interface CruiseResult {
  readonly summary: {
    readonly totalCruised: number
    readonly violations: readonly {
      readonly from: string
      readonly to: string
      readonly rule: { readonly name: string }
    }[]
  }
}

/**
 * Holds `.dependency-cruiser.cjs` against the rooms in `folder` (default: this repository).
 * Throws when the machine itself fails.
 */
export async function checkImportLaw(folder: string = root): Promise<LawReport> {
  const cruiser = join(root, 'node_modules', '.bin', 'depcruise')
  const words = [
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    '--output-type',
    'json',
    'packages',
    'services',
    'infra',
    'test',
  ]
  const { output } = await runTool('sh', ['-c', 'cd "$0" && exec "$@"', folder, cruiser, ...words])
  const begin = output.indexOf('{')
  if (begin < 0) throw new Error(`the import law could not be checked: ${output}`)
  const { summary } = JSON.parse(output.slice(begin)) as CruiseResult
  return {
    modules: summary.totalCruised,
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  }
}
