import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fetchProgram, findProgram, type Unpacked, type WantedProgram } from './program-from-apt.ts'
import { dataDir } from './root.ts'

/** A program of the distribution that tests ask for a second opinion. */
export interface Tool {
  readonly path: string
  /** Where it comes from, for people: `PATH` or `apt`. */
  readonly from: 'PATH' | 'apt'
  /** Runs it. Throws where it fails; an error never holds the arguments or the input. */
  run(args: readonly string[], input?: string): string
}

/** The tools that are known, and the package that has each. */
const packages = { oathtool: 'oathtool', zbarimg: 'zbar-tools' } as const

/** Name of a tool. */
export type ToolName = keyof typeof packages

/**
 * A tool that works: of PATH, else the distribution's own fetched into a private cache (no root needed). Where it is not to be
 * had, tells why; it never throws for that. `cacheDir`: default `.data/cache/<tool>` of the repository.
 */
export async function findTool(
  name: ToolName,
  cacheDir = join(dataDir, 'cache', name),
): Promise<Tool | { unavailable: string }> {
  const wanted: WantedProgram<Tool> = {
    packages: [packages[name]],
    tryIn: (unpacked) => tryTool(join(unpacked.root, 'usr', 'bin', name), 'apt', environmentOf(unpacked)),
  }
  return tryTool(name, 'PATH', {}) ?? findProgram(wanted, cacheDir) ?? (await fetchProgram(wanted, cacheDir))
}

function tryTool(path: string, from: Tool['from'], environment: Readonly<Record<string, string>>): Tool | undefined {
  const env = { ...process.env, LC_ALL: 'C', ...environment }
  const spawned = (args: readonly string[], input = '') =>
    spawnSync(path, [...args], { encoding: 'utf8', env, input, timeout: 10_000 })
  if (spawned(['--version']).status !== 0) return undefined
  return {
    path,
    from,
    run(args, input) {
      const { status, stdout } = spawned(args, input)
      if (status !== 0) throw new Error(`${path} ended with ${status}`)
      return stdout
    },
  }
}

/** What programs need to find what they brought along: libraries, and ImageMagick (by which zbarimg reads pictures) its parts. */
function environmentOf({ root, libraryPath }: Unpacked): Record<string, string> {
  const parts = (libraryPath ?? '').split(':').flatMap((dir) => findMagick(dir))
  return {
    ...(libraryPath !== undefined && { LD_LIBRARY_PATH: libraryPath }),
    ...(parts.length > 0 && {
      MAGICK_CODER_MODULE_PATH: parts.join(':'),
      MAGICK_CONFIGURE_PATH: ['ImageMagick-6', 'ImageMagick-7'].map((name) => join(root, 'etc', name)).join(':'),
    }),
  }
}

function findMagick(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir)
    .filter((name) => name.startsWith('ImageMagick-'))
    .flatMap((name) => readdirSync(join(dir, name)).map((modules) => join(dir, name, modules, 'coders')))
    .filter(existsSync)
}
