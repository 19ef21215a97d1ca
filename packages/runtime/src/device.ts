import { BROWSER_MAP, OS_MAP, parse } from 'bowser'

const longestBytes = 512
const unknownDevice = 'an unknown device'

/** Programs that name themselves by their first word. The name shown is ours, not the caller's. */
const programs = new Map([
  ['aiohttp', 'a Python program'],
  ['apache-httpclient', 'a Java program'],
  ['axios', 'a Node.js program'],
  ['curl', 'curl'],
  ['dart', 'a Dart program'],
  ['go-http-client', 'a Go program'],
  ['insomnia', 'Insomnia'],
  ['java', 'a Java program'],
  ['node', 'a Node.js program'],
  ['node-fetch', 'a Node.js program'],
  ['okhttp', 'an Android or Java program'],
  ['postmanruntime', 'Postman'],
  ['python-httpx', 'a Python program'],
  ['python-requests', 'a Python program'],
  ['python-urllib', 'a Python program'],
  ['ruby', 'a Ruby program'],
  ['undici', 'a Node.js program'],
  ['wget', 'Wget'],
])

const browsers = new Set(Object.values(BROWSER_MAP))
const systems = new Set(Object.values(OS_MAP))

/**
 * Says in words what made a request, by its `User-Agent` header: `Firefox on Linux`, `curl`, `an unknown device`.
 *
 * Only the first 512 bytes are read. Every word of the answer is from a list of known names, so nothing that the caller wrote
 * gets into a mail or a page: no markup, no link, no control character. The header is a claim, not a proof.
 */
export function describeDevice(userAgent: string | undefined): string {
  const header = Buffer.from(userAgent ?? '', 'utf8')
    .subarray(0, longestBytes)
    .toString('utf8')
    .trim()
  if (header === '') return unknownDevice
  const program = programs.get(/^[a-z-]+/i.exec(header)?.[0].toLowerCase() ?? '')
  if (program !== undefined) return program
  const { browser, os } = parse(header)
  // The parser takes the first word of what it does not know for a name.
  const browserName = browsers.has(browser.name ?? '') ? browser.name : undefined
  const systemName = systems.has(os.name ?? '') ? os.name : undefined
  if (browserName !== undefined && systemName !== undefined) return `${browserName} on ${systemName}`
  if (browserName !== undefined) return browserName
  return systemName === undefined ? unknownDevice : `a program on ${systemName}`
}
