import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const mostBytes = 65_536

/** The last `lines` lines of a log file, of which at most 64 KiB are read. Empty when there is no such file. */
export function readTail(file: string, lines: number): string {
  let handle: number
  try {
    handle = openSync(file, 'r')
  } catch {
    return ''
  }
  try {
    const size = fstatSync(handle).size
    const bytes = Buffer.alloc(Math.min(size, mostBytes))
    readSync(handle, bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n')
  } finally {
    closeSync(handle)
  }
}
