/** What a call answered. */
export interface Called {
  readonly status: number
  // oxlint-disable-next-line no-explicit-any -- whatever the call answered; the tests say what they expect
  readonly body: any
  readonly headers: Headers
}

/** What is sent besides method and address. */
export interface Sending {
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the answer's body is given as its bytes, a `Buffer`, and not read. */
  readonly binary?: boolean
}

/** Makes a call and reads its answer whole: JSON where it is JSON, else its text, `undefined` where it is empty. */
export async function send(
  { url }: { readonly url: string },
  method: string,
  path: string,
  { token, body, headers = {}, binary = false }: Sending = {},
): Promise<Called> {
  const answer = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const read: unknown = binary ? Buffer.from(await answer.arrayBuffer()) : await readBody(answer)
  return { status: answer.status, body: read, headers: answer.headers }
}

async function readBody(answer: Response): Promise<unknown> {
  const text = await answer.text()
  if (text === '') return undefined
  return /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text
}
