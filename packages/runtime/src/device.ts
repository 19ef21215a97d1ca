import { BROWSER_MAP, OS_MAP, parse } from 'bowser'
import { createMemo } from './memo.ts'

const longestBytes = 512

/** Programs that name themselves by their first word: what they are called, or what they are written in. Ours, not the caller's. */
const programs = new Map<string, Device>([
  ['aiohttp', written('Python')],
  ['apache-httpclient', written('Java')],
  ['axios', written('Node.js')],
  ['curl', named('curl')],
  ['dart', written('Dart')],
  ['go-http-client', written('Go')],
  ['insomnia', named('Insomnia')],
  ['java', written('Java')],
  ['node', written('Node.js')],
  ['node-fetch', written('Node.js')],
  ['okhttp', written('Android', 'Java')],
  ['postmanruntime', named('Postman')],
  ['python-httpx', written('Python')],
  ['python-requests', written('Python')],
  ['python-urllib', written('Python')],
  ['ruby', written('Ruby')],
  ['undici', written('Node.js')],
  ['wget', named('Wget')],
])

const browsers = new Set(Object.values(BROWSER_MAP))
const systems = new Set(Object.values(OS_MAP))

/** What made a request, as far as its `User-Agent` tells; every name in it is from a list of known ones. */
export type Device =
  | { readonly kind: 'browser'; readonly name: string; readonly system: string | undefined }
  /** A program that nothing is known of but where it runs. */
  | { readonly kind: 'program'; readonly system: string }
  | { readonly kind: 'named'; readonly name: string }
  /** A program written in one of these. */
  | { readonly kind: 'written'; readonly languages: readonly string[] }
  | { readonly kind: 'unknown' }

/**
 * Tells what made a request, by its `User-Agent` header, of which the first 512 bytes are read. Nothing that the caller wrote is
 * in the answer: no markup, no link, no control character. The header is a claim, not a proof.
 */
export function readDevice(userAgent: string | undefined): Device {
  const header = cut(userAgent)
  if (header === '') return { kind: 'unknown' }
  const program = programs.get(/^[a-z-]+/i.exec(header)?.[0].toLowerCase() ?? '')
  if (program !== undefined) return program
  const { browser, os } = parse(header)
  // The parser takes the first word of what it does not know for a name.
  const name = browsers.has(browser.name ?? '') ? browser.name : undefined
  const system = systems.has(os.name ?? '') ? os.name : undefined
  if (name !== undefined) return { kind: 'browser', name, system }
  return system === undefined ? { kind: 'unknown' } : { kind: 'program', system }
}

/** The same in English words: `Firefox on Linux`, `curl`, `an unknown device`. */
export function describeDevice(userAgent: string | undefined): string {
  return descriptions(cut(userAgent))
}

/** Few headers make most requests, and parsing one costs more than all else that is done with it. */
const descriptions = createMemo((header: string) => describe(readDevice(header)), 1000)

function describe(device: Device): string {
  if (device.kind === 'unknown') return 'an unknown device'
  if (device.kind === 'named') return device.name
  if (device.kind === 'program') return `a program on ${device.system}`
  if (device.kind === 'browser') return device.system === undefined ? device.name : `${device.name} on ${device.system}`
  const made = device.languages.join(' or ')
  return `${/^[AEIOU]/.test(made) ? 'an' : 'a'} ${made} program`
}

function cut(userAgent: string | undefined): string {
  return Buffer.from(userAgent ?? '', 'utf8')
    .subarray(0, longestBytes)
    .toString('utf8')
    .trim()
}

function named(name: string): Device {
  return { kind: 'named', name }
}

function written(...languages: string[]): Device {
  return { kind: 'written', languages }
}
