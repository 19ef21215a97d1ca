/** What a call answered. */
export interface Called {
  readonly status: number
  // oxlint-disable-next-line no-explicit-any -- whatever the call answered; the tests say what they expect
  readonly body: any
}

/** Makes a call with a session's token and reads its answer whole: JSON, `undefined` where it is empty. */
export async function call(
  { gateway }: { readonly gateway: string },
  method: string,
  path: string,
  token: string,
  body?: unknown,
): Promise<Called> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(gateway + path, { method, headers, ...sent })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
}
