import { describeError } from './log-error.ts'
import { cleanText } from './log-text.ts'

const deepest = 6
const mostEntries = 100
const redacted = '[redacted]'

const stem = /password|passwd|passphrase|secret|token|cookie|authorization|credential|apikey|email|recipient|otpauth/
const secretWords = new Set(['otp', 'totp', 'hotp', 'pwd', 'jwt', 'bearer', 'pin'])
const lastWords = new Set(['code', 'key', 'address'])
const harmlessCodes = new Set(['error', 'status', 'exit', 'reason', 'country', 'problem'])
const harmlessLast = new Set([
  'id',
  'ids',
  'count',
  'kind',
  'version',
  'at',
  'seconds',
  'ms',
  'bytes',
  'length',
  'state',
  'status',
])
const urlNames = new Set(['url', 'uri', 'href', 'path', 'referer', 'referrer', 'location'])

const secretNames = new Map<string, boolean>()

/**
 * Whether the value of a field of this name must not be printed: passwords, tokens, cookies, authorization, secrets,
 * codes, keys, mail addresses, in any spelling (`newPassword`, `set-cookie`, `API_KEY`). A name that ends in a harmless word (`tokenId`,
 * `emailCount`) and the codes that are no secrets (`errorCode`, `statusCode`) are printed.
 */
function isSecretName(name: string): boolean {
  let secret = secretNames.get(name)
  if (secret === undefined) {
    secret = judgeName(name)
    if (secretNames.size < 1000) secretNames.set(name, secret)
  }
  return secret
}

function judgeName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
  const last = words.at(-1) ?? ''
  if (harmlessLast.has(last) && words.length > 1) return false
  const single = last.replace(/(?<!s)s$/, '').replace(/^addresse$/, 'address')
  if (lastWords.has(single)) return !(single === 'code' && harmlessCodes.has(words.at(-2) ?? ''))
  return stem.test(words.join('')) || words.some((word) => secretWords.has(word))
}

/**
 * A copy of `value` that is fit for a log: errors described by `describeError`, secret fields redacted at any depth, text
 * cleaned, bytes replaced by their number, queries cut off paths and addresses; at most 6 levels and 100 entries a level.
 * Never throws, and never changes what it was given.
 */
export function cleanField(name: string, value: unknown, depth = 0): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value
  if (name !== '' && isSecretName(name)) return redacted
  switch (typeof value) {
    case 'string':
      return urlNames.has(name.toLowerCase()) ? cleanText(value.replace(/[?#][^]*$/, `?${redacted}`)) : cleanText(value)
    case 'number':
      return value
    case 'bigint':
      return value.toString()
    case 'object':
      return cleanObject(value, depth)
    default:
      return `[${typeof value}]`
  }
}

function cleanObject(value: object, depth: number): unknown {
  try {
    if (value instanceof Error) return describeError(value)
    if (depth >= deepest) return '[deep]'
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if ('toJSON' in value && typeof value.toJSON === 'function') return cleanField('', value.toJSON(), depth + 1)
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((item) => cleanField('', item, depth + 1))
    if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`
    return cleanRecord(value, depth)
  } catch {
    // A getter or toJSON of a stranger may throw; a log line must not.
    return '[unreadable]'
  }
}

/** The same for all fields of an object. */
export function cleanRecord(fields: object, depth = 0): Record<string, unknown> {
  const clean: Record<string, unknown> = {}
  for (const name of Object.keys(fields).slice(0, mostEntries)) {
    // `__proto__` as a name would set the prototype instead of a field.
    if (name === '__proto__') continue
    clean[cleanText(name)] = cleanField(name, Reflect.get(fields, name), depth + 1)
  }
  return clean
}
