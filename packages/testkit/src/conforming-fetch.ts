import type { OpenApiDocument } from '@portcullis/contracts/openapi-document'
import { type Exchange, type Judge, judgeBy } from './conformance.ts'

/** A `fetch` that holds every answer of one server against the OpenAPI document which that server serves. */
export interface ConformingFetch {
  readonly fetch: typeof fetch
  /** How many answers were judged. */
  judged(): number
  /** Throws where any answer was not as documented. To be called at the end: a program in between may swallow what is thrown at it. */
  assertConforming(): void
}

/** Makes one. The document is asked for once, before the first call. Answers that were cut off are not judged: nobody got them. */
export function conformingFetch(baseUrl: string): ConformingFetch {
  const faults: string[] = []
  let judged = 0
  let judge: Promise<Judge> | undefined
  const check: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const { method } = request
    const url = new URL(request.url)
    // Before the answer, which the server may not outlive; a document that could not be had is asked for again.
    judge ??= loadJudge(baseUrl).catch((error: unknown) => {
      judge = undefined
      throw error
    })
    const judging = await judge
    const response = await fetch(input, init)
    // The body is read here and given on: an answer that breaks off rejects here as it would at the reader.
    const bytes = new Uint8Array(await response.arrayBuffer())
    const { status, statusText, headers } = response
    const found = faultsOf(judging, { method, url, status, headers, bytes })
    judged += 1
    faults.push(...found.map((fault) => `${method} ${url.pathname} ${status}: ${fault}`))
    const hasBody = bytes.length > 0
    return new Response(hasBody ? bytes : null, { status, statusText, headers })
  }
  return {
    fetch: check,
    judged: () => judged,
    assertConforming() {
      if (faults.length === 0) return
      throw new Error(`not as /openapi.json documents it:\n${[...new Set(faults)].join('\n')}`)
    },
  }
}

/** A document that the validator cannot work with is a fault of its own: thrown here it would look like a lost connection. */
function faultsOf(judge: Judge, exchange: Exchange): string[] {
  try {
    return judge(exchange)
  } catch (error) {
    return [`the document cannot be read: ${error instanceof Error ? error.message : String(error)}`]
  }
}

async function loadJudge(baseUrl: string): Promise<Judge> {
  const response = await fetch(`${baseUrl}/openapi.json`)
  // Guarantee: the gateway makes it by `buildOpenApi`; that it is valid is held by the contract's own tests.
  return judgeBy((await response.json()) as OpenApiDocument)
}
