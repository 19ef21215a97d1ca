import type {
  OpenApiDocument,
  OpenApiHeader,
  OpenApiOperation,
  OpenApiResponse,
} from '@portcullis/contracts/openapi-document'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
}

/** What is wrong with an answer, in words; empty where it is as documented. */
export type Judge = (exchange: Exchange) => string[]

const documentName = 'openapi.json'
const problemType = 'application/problem+json'
/** All that begins so is a call of the API; what does not is a page. */
const callsBegin = '/v1/'

/**
 * Makes the judge of answers from an OpenAPI 3.1 document, with a JSON Schema 2020-12 validator that nobody here wrote (ajv). An answer
 * conforms when its call documents its status, its content type, every required header, and a schema that its body satisfies. An address or
 * method that no call has must be refused by a problem with 404, or 405 and `Allow`. Pages are not judged.
 */
export function judgeBy(document: OpenApiDocument): Judge {
  // The document stands around its schemas, so its own words are known; any other unknown word in a schema throws.
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, keywords: Object.keys(document) })
  // Guarantee: the package is CommonJS; its function is the default of what it exports, and typed so.
  addFormats.default(ajv)
  ajv.addSchema(document, documentName, false, false)
  const validators = new Map<string, ValidateFunction>()
  const validatorAt = (pointer: string) => {
    const found = validators.get(pointer) ?? ajv.compile({ $ref: `${documentName}#${pointer}` })
    validators.set(pointer, found)
    return found
  }
  const faultsAt = (pointer: string, value: unknown) => {
    const validate = validatorAt(pointer)
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
  }
  return (exchange) => {
    const path = pathOf(document, exchange.url.pathname)
    if (path === undefined)
      return exchange.url.pathname.startsWith(callsBegin) ? judgeRefusal(exchange, 404, faultsAt) : []
    // HEAD is GET without the body (RFC 9110 section 9.3.2); no document tells it of each call.
    const method = exchange.method === 'HEAD' ? 'get' : exchange.method.toLowerCase()
    const operation: OpenApiOperation | undefined = document.paths[path]?.[method]
    if (!operation) return judgeRefusal(exchange, 405, faultsAt)
    const response = operation.responses[exchange.status]
    if (!response) return [`the status ${exchange.status} is not documented`]
    const at = ['', 'paths', path, method, 'responses', String(exchange.status)].map(escapePointer).join('/')
    return [...judgeHeaders(document, response, exchange, faultsAt), ...judgeBody(response, at, exchange, faultsAt)]
  }
}

type FaultsAt = (pointer: string, value: unknown) => string[]

function judgeRefusal(exchange: Exchange, status: 404 | 405, faultsAt: FaultsAt): string[] {
  if (exchange.status !== status) return [`no such call is documented, so ${status} is due`]
  const faults = status === 405 && !exchange.headers.has('allow') ? ['the header Allow is missing'] : []
  if (exchange.method === 'HEAD') return faults
  if (essenceOf(exchange) !== problemType) return [...faults, `the refusal is not ${problemType}`]
  return [...faults, ...faultsAt('/components/schemas/Problem', readJson(exchange.bytes))]
}

function judgeHeaders(
  document: OpenApiDocument,
  response: OpenApiResponse,
  exchange: Exchange,
  faultsAt: FaultsAt,
): string[] {
  return Object.entries(response.headers).flatMap(([name, { $ref }]) => {
    const component = $ref.replace('#/components/headers/', '')
    const header: OpenApiHeader | undefined = document.components.headers[component]
    if (!header) return [`the header ${name} is documented nowhere`]
    const value = exchange.headers.get(name)
    if (value === null) return header.required ? [`the header ${name} is missing`] : []
    return faultsAt(`/components/headers/${component}/schema`, value).map((fault) => `the header ${name}${fault}`)
  })
}

function judgeBody(response: OpenApiResponse, at: string, exchange: Exchange, faultsAt: FaultsAt): string[] {
  if (exchange.method === 'HEAD') return exchange.bytes.length === 0 ? [] : ['HEAD is answered with a body']
  const type = essenceOf(exchange)
  if (!response.content) {
    return exchange.bytes.length === 0 && type === undefined ? [] : ['the body is documented as empty and is not']
  }
  if (type === undefined || !response.content[type]) return [`the content type ${type ?? '(none)'} is not documented`]
  const isJson = type === 'application/json' || type.endsWith('+json')
  const value = isJson ? readJson(exchange.bytes) : new TextDecoder('latin1').decode(exchange.bytes)
  if (value === undefined) return ['the body is no JSON']
  return faultsAt(`${at}/content/${escapePointer(type)}/schema`, value).map((fault) => `the body${fault}`)
}

/** The documented path of an address: the literal one before any with parameters. */
function pathOf(document: OpenApiDocument, pathname: string): string | undefined {
  const paths = Object.keys(document.paths)
  if (paths.includes(pathname)) return pathname
  return paths.find((path) => {
    const parts = path.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    return parts.length > 1 && new RegExp(`^${parts.join('[^/]+')}$`).test(pathname)
  })
}

function essenceOf({ headers }: Exchange): string | undefined {
  return headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
}

function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** As a part of a JSON Pointer in a URI fragment (RFC 6901 sections 3 and 6). */
function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))
}
