import type { Row } from './row.ts'

/** Writes rows as they come: one JSON object a line, or a table for people. */
export interface Report {
  row(row: Row): void
  /** What a table says below its rows. */
  end(): void
}

/** One JSON object a line. */
export function reportJson(): Report {
  return { row: (row) => void process.stdout.write(`${JSON.stringify(row)}\n`), end: () => {} }
}

/** A table; under it the conditions, each said once, and where it is wished the plans of Postgres. */
export function reportTable({ showsPlans }: { readonly showsPlans: boolean }): Report {
  const rows: Row[] = []
  return {
    row: (row) => void rows.push(row),
    end() {
      if (rows.length === 0) return
      const head = ['', 'ours', 'baseline', 'ratio', 'unit', 'goal', '']
      const lines = rows.map((row) => [
        row.name,
        spaced(row.ours),
        spaced(row.baseline),
        row.ratio.toFixed(2),
        row.unit,
        row.goal,
        row.met === null ? '' : row.met ? 'met' : 'MISSED',
      ])
      const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]?.length ?? 0)))
      const right = new Set([1, 2, 3])
      const print = (line: string[]) =>
        line
          .map((cell, column) =>
            right.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
          )
          .join('  ')
          .trimEnd()
      process.stdout.write(`\n${[head, ...lines].map((line) => `  ${print(line)}`).join('\n')}\n\n`)
      for (const [conditions, of] of Map.groupBy(rows, (row) => row.conditions)) {
        const names = of.map((row) => row.name).join(', ')
        process.stdout.write(`  ${names}\n    ${conditions.split('; ').join('\n    ')}\n`)
      }
      const plans = showsPlans ? new Set(rows.flatMap((row) => row.plans ?? [])) : []
      for (const plan of plans) process.stdout.write(`\n  ${plan.split('\n').join('\n    ')}\n`)
      process.stdout.write('\n')
    },
  }
}

/** 12,345 rather than 12345. */
function spaced(value: number): string {
  return value.toLocaleString('en')
}
