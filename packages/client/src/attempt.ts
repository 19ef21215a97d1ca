/** What came of sending a request once. */
export type Attempted =
  | { readonly response: Response; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly failed: 'connection'; readonly reason: string | undefined }
  | { readonly failed: 'timeout' }

/** One request, to be sent once. */
export interface AttemptInput {
  readonly fetch: typeof fetch
  readonly url: string
  readonly request: RequestInit
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** Sends a request and reads its answer to the last byte. Throws only the reason of the caller's signal. */
export async function attempt({ fetch, url, request, timeoutMs, signal }: AttemptInput): Promise<Attempted> {
  const stop = new AbortController()
  const giveUp = () => stop.abort()
  let late = false
  const timer = setTimeout(() => {
    late = true
    giveUp()
  }, timeoutMs)
  signal?.addEventListener('abort', giveUp, { once: true })
  try {
    const response = await fetch(url, { ...request, signal: stop.signal })
    return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
  } catch (error) {
    signal?.throwIfAborted()
    return late ? { failed: 'timeout' } : { failed: 'connection', reason: reasonOf(error) }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', giveUp)
  }
}

/** The system's code in what `fetch` threw, and nothing else of it: its text may repeat headers. */
function reasonOf(error: unknown): string | undefined {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : undefined
}
