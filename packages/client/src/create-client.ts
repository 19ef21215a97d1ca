import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import type { Endpoint } from '@portcullis/contracts/api/endpoint'
import type { CallInput, CallMethod, CallOptions, ListName, PageOf } from './call-type.ts'
import { readBaseUrl } from './build-request.ts'
import type { Credential } from './credential.ts'
import { type CallSettings, makeCall, type RawInput } from './make-call.ts'
import { walkPages } from './walk-pages.ts'

/** How a client is made. */
export interface ClientOptions {
  /** Where the gateway is: `https://account.example.com`. */
  readonly baseUrl: string | URL
  /** Sent as `Authorization: Bearer`. Absent: none is sent (a browser may still send its cookie). */
  readonly credential?: Credential | undefined
  /** Does the sending. Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch
  /** Milliseconds each attempt may take, to the last byte of its answer. Default 10,000. */
  readonly timeoutMs?: number
  /** How often a safe call is sent again at most. Default 2; 0: never. */
  readonly retriesMost?: number
  /** Value of `User-Agent`. Browsers send their own. */
  readonly userAgent?: string
}

/** A method for each call of the contract, under the call's name. */
export type Calls = { readonly [Name in EndpointName]: CallMethod<Name> }

/** A client of one gateway. Keeps no state: it may be shared, and calls may run side by side. */
export interface Client extends Calls {
  /** The same client with another credential: after a login, or when a proof has changed the token. */
  withCredential(credential: Credential | undefined): Client
  /** The pages of a list, one after another, each asked for when it is wanted. */
  pages<Name extends ListName>(name: Name, input?: CallInput<Name>, options?: CallOptions): AsyncGenerator<PageOf<Name>>
}

const defaultTimeoutMs = 10_000
const defaultRetriesMost = 2

/**
 * Makes a client. Throws a `TypeError` where `baseUrl` is no http address, or holds a credential, a query or a fragment.
 */
export function createClient(options: ClientOptions): Client {
  const settings: CallSettings = {
    baseUrl: readBaseUrl(options.baseUrl),
    credential: options.credential,
    // Called as the platform's function, never as a method of the options.
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    retriesMost: options.retriesMost ?? defaultRetriesMost,
    userAgent: options.userAgent,
  }
  const entries = Object.values(endpoints).map((endpoint: Endpoint & { name: EndpointName }) => [
    endpoint.name,
    (input: RawInput = {}, call: CallOptions = {}) => makeCall(settings, endpoint, input, call),
  ])
  // Guarantee: one entry for each call of the contract, and `makeCall` reads each answer by that call's own schema.
  const calls = Object.fromEntries(entries) as Calls
  return Object.freeze({
    ...calls,
    withCredential: (credential: Credential | undefined) => createClient({ ...options, credential }),
    pages: <Name extends ListName>(name: Name, input?: CallInput<Name>, call?: CallOptions) =>
      walkPages(name, calls[name], input, call),
  })
}
