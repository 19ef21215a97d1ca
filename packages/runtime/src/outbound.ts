import { lookup as systemLookup } from 'node:dns/promises'
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, type Dispatcher, request } from 'undici'
import { isPublicAddress } from './outbound-address.ts'
import { type OutboundFault, outboundFault, type OutboundFaultCode, readOutboundUrl } from './outbound-url.ts'
import { withDeadline } from './deadline.ts'

/** Looks up every address of a host. */
export type LookUp = (host: string) => Promise<readonly LookupAddress[]>

/** Settings of `createOutbound`. */
export interface OutboundOptions {
  /** Lets http, any port and private addresses through: for development and tests. Default false. */
  readonly allowPrivate?: boolean
  /** Longest time of one call, from the look-up to the head of the answer. Default 15,000. */
  readonly timeoutMs?: number
  /** Connections to one origin. Default 64. */
  readonly connectionsMost?: number
  /** Default: the system's. */
  readonly lookUp?: LookUp
}

/** One call. */
export interface OutboundCall {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** Whether the first 4 kB of a refusal (400) are wanted, as text. */
  readonly wantsRefusal?: boolean
}

/** What came of a call. Of an answer only its status and `Retry-After` are kept, and its body where a refusal is wanted. */
export type OutboundAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly retryAfter: string | null
      /** Of a 400, where it was wanted. Others wrote it. */
      readonly refusal?: string
    }
  /** `code`: `timeout`, `connection_failed`, or the rule that the address breaks now. */
  | { readonly kind: 'unanswered'; readonly code: string }

/** Calls to addresses that others have chosen. */
export interface Outbound {
  /** The rule that an address breaks, asked before it is saved; `undefined` when it may be called. */
  check(url: string): Promise<OutboundFault | undefined>
  /** Posts to it. Never rejects. */
  post(call: OutboundCall, signal?: AbortSignal): Promise<OutboundAnswer>
  close(): Promise<void>
}

/** The answer's body says nothing to us: so much of it is read, so that the connection can be used again. */
const bodyBytesMost = 4096
const bodyMs = 1000

class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
  readonly fault: OutboundFaultCode
  constructor(fault: OutboundFaultCode) {
    super(fault)
    this.fault = fault
  }
}

/**
 * Makes calls that cannot be turned against the house (server-side request forgery): the address is looked up once for each
 * connection, every address found is checked, and the connection goes to a checked one; so a name that changes its mind
 * between check and use gains nothing. Redirects are answers, not followed. No proxy of the environment is used.
 * Source: OWASP ASVS 5 15.3.2, Standard Webhooks 1.0.0.
 */
export function createOutbound(options: OutboundOptions = {}): Outbound {
  const allowPrivate = options.allowPrivate ?? false
  const timeoutMs = options.timeoutMs ?? 15_000
  const lookUp = checkedLookUp(options.lookUp ?? systemLookUp, allowPrivate)
  const agent = new Agent({
    connect: { lookup: forConnecting(lookUp), timeout: Math.min(timeoutMs, 10_000) },
    connections: options.connectionsMost ?? 64,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 60_000,
    // Ours is the deadline of the whole call.
    headersTimeout: 0,
    bodyTimeout: 0,
  })

  async function answer(call: OutboundCall, signal: AbortSignal): Promise<OutboundAnswer> {
    const url = readOutboundUrl(call.url, allowPrivate)
    if (typeof url === 'string') return { kind: 'unanswered', code: url }
    const { headers, body } = call
    const answered = await request(url, { dispatcher: agent, method: 'POST', headers, body, signal })
    const wanted = call.wantsRefusal === true && answered.statusCode === 400
    const refusal = wanted ? await readStart(answered.body, signal) : undefined
    if (!wanted) await drop(answered, signal)
    const retryAfter = answered.headers['retry-after']
    return {
      kind: 'answered',
      status: answered.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
      ...(refusal !== undefined && { refusal }),
    }
  }

  return {
    async check(text) {
      const url = readOutboundUrl(text, allowPrivate)
      if (typeof url === 'string') return outboundFault(url)
      try {
        await withDeadline(5000, 'look-up', () => lookUp(url.hostname.replace(/^\[(.*)\]$/, '$1')))
        return undefined
      } catch (error) {
        return outboundFault(error instanceof AddressRefused ? error.fault : 'url_unresolved')
      }
    },
    async post(call, signal) {
      const over = new AbortController()
      const end = () => over.abort()
      const timer = setTimeout(end, timeoutMs)
      signal?.addEventListener('abort', end, { once: true })
      try {
        signal?.throwIfAborted()
        return await answer(call, over.signal)
      } catch (error) {
        return { kind: 'unanswered', code: codeOf(error, over.signal.aborted) }
      } finally {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
      }
    },
    close: () => agent.destroy(),
  }
}

const systemLookUp: LookUp = (host) => systemLookup(host, { all: true, order: 'verbatim' })

/** Finds the addresses of a host, or throws `AddressRefused`. */
function checkedLookUp(lookUp: LookUp, allowPrivate: boolean): LookUp {
  return async (host) => {
    const found = await lookUp(host).catch(() => [])
    if (found.length === 0) throw new AddressRefused('url_unresolved')
    // One bad address among good ones is an attack or a mistake: neither is to be tried.
    if (!allowPrivate && !found.every(({ address }) => isPublicAddress(address)))
      throw new AddressRefused('url_address')
    return found
  }
}

/** The look-up as sockets ask for it. */
function forConnecting(lookUp: LookUp): LookupFunction {
  return (host, { all }, callback) => {
    lookUp(host).then(
      (found) => (all ? callback(null, [...found]) : callback(null, found[0]?.address ?? '', found[0]?.family)),
      (error: NodeJS.ErrnoException) => callback(error, ''),
    )
  }
}

/** The status is the answer. A body that drips, breaks off or never ends costs its connection, not the delivery. */
async function drop({ body, statusCode, headers }: Dispatcher.ResponseData, signal: AbortSignal): Promise<void> {
  // Nothing comes, so nothing has to be cut off.
  if (statusCode === 204 || headers['content-length'] === '0') {
    await body.dump().catch(() => {})
    return
  }
  const enough = AbortSignal.any([signal, AbortSignal.timeout(bodyMs)])
  await body.dump({ limit: bodyBytesMost, signal: enough }).catch(() => {})
}

/** The first bytes, as far as they come in time; the rest is left with its connection. */
async function readStart(body: Dispatcher.ResponseData['body'], signal: AbortSignal): Promise<string> {
  const enough = AbortSignal.any([signal, AbortSignal.timeout(bodyMs)])
  const stop = () => void body.destroy()
  enough.addEventListener('abort', stop)
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of body) {
      const piece = Buffer.from(part)
      parts.push(piece)
      bytes += piece.byteLength
      if (bytes >= bodyBytesMost) break
    }
  } catch {
    // What came is what there is.
  } finally {
    enough.removeEventListener('abort', stop)
  }
  return Buffer.concat(parts).subarray(0, bodyBytesMost).toString('utf8')
}

function codeOf(error: unknown, late: boolean): string {
  const refused = error instanceof Error && error.cause instanceof AddressRefused ? error.cause : error
  if (refused instanceof AddressRefused) return refused.fault
  return late ? 'timeout' : 'connection_failed'
}
