import { stripVTControlCharacters } from 'node:util'

/** Rows under their heads, in columns of plain text. What came from outside can move no cursor and paint nothing. */
export function drawTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  bold: (text: string) => string = (text) => text,
): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '-' : plain(String(cell)))))
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  return [bold(line(heads)), ...cells.map(line)].join('\n')
}

function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{C}/gu, '�')
}
