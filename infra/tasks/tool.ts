import { spawnTied } from '@portcullis/local/child'
import { root } from '@portcullis/local/root'

/** What a tool said, and whether it was content. */
export interface ToolAnswer {
  readonly ok: boolean
  readonly output: string
}

/** Runs a program from the repository's folder to its end; it dies with this process. `env` adds to the environment. */
export async function runTool(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ToolAnswer> {
  let output = ''
  const hear = (text: string) => void (output += text)
  const tool = spawnTied(command, args, { cwd: root, env: { ...process.env, ...env }, hear })
  const exit = await tool.exited
  return { ok: exit.code === 0, output: output.trimEnd() }
}
