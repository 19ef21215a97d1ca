import type { Endpoint } from '@portcullis/contracts/api/endpoint'

/** What a call was given, before it is known which call it is. */
export interface RawInput {
  readonly params?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

/** Checks where the gateway is. Throws a `TypeError` that does not repeat it. */
export function readBaseUrl(given: string | URL): string {
  const url = URL.parse(String(given))
  if (url === null || !/^https?:$/.test(url.protocol)) throw new TypeError('baseUrl must be an http or https address')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('baseUrl must hold no credential, query or fragment')
  }
  return url.href.replace(/\/+$/, '')
}

/** The address of a call. Throws a `TypeError` where a parameter of the path is none: it would name something else. */
export function buildUrl(baseUrl: string, endpoint: Endpoint, { params, query }: RawInput): string {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(name, fieldsOf(params)[name]))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(fieldsOf(query))) if (value !== undefined) search.set(name, asText(value))
  return `${baseUrl}${path}${search.size === 0 ? '' : `?${search}`}`
}

/** The body of a call and its type; neither where the call takes none. */
export function buildBody(endpoint: Endpoint, { body }: RawInput): { body?: string; type?: string } {
  if (!endpoint.body) return {}
  if (endpoint.bodyType !== 'form') return { body: JSON.stringify(body), type: 'application/json' }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fieldsOf(body))) if (value !== undefined) form.set(name, asText(value))
  return { body: form.toString(), type: 'application/x-www-form-urlencoded' }
}

/** `Authorization` of a credential. Throws a `TypeError` that does not repeat it: the platform's own would. */
export function bearer(credential: string): string {
  if (!/^[\x21-\x7e]+$/.test(credential))
    throw new TypeError('the credential is empty or holds what no header can carry')
  return `Bearer ${credential}`
}

/** An empty segment, `.` or `..` would make the path of another call: `DELETE …/sessions/{id}` that of `DELETE …/sessions`. */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new TypeError(`params.${name} must name one thing`)
  }
  return encodeURIComponent(value)
}

function fieldsOf(given: unknown): Readonly<Record<string, unknown>> {
  return typeof given === 'object' && given !== null ? { ...given } : {}
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
