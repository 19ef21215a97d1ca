import { availableParallelism } from 'node:os'
import { runTool, type ToolAnswer } from './tool.ts'

/** Builds every package that changed since it was built last. Its output is worth showing only where it failed. */
export function build(): Promise<ToolAnswer> {
  // The compiler uses several cores itself: more of them at once only get into each other's way.
  const concurrency = `--concurrency=${Math.max(2, availableParallelism())}`
  const quiet = ['--output-logs=errors-only', '--log-prefix=none', '--ui=stream', '--no-update-notifier']
  return runTool('turbo', ['run', 'build', concurrency, ...quiet], {
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_PRINT_VERSION_DISABLED: '1',
  })
}
