import type { CallInput, CallMethod, CallOptions, ListName, PageOf } from './call-type.ts'
import { AnswerError } from './answer-error.ts'

/** What every list has in common. */
interface Page {
  readonly items: readonly unknown[]
  readonly nextCursor: string | null
}

type ListCall = (
  input: object,
  options?: CallOptions,
) => Promise<{ readonly status: number; readonly body: Page; readonly headers: Headers }>

/** Asks for page after page until the server says there is no more. Throws `AnswerError` where a page leads to itself. */
export async function* walkPages<Name extends ListName>(
  name: Name,
  call: CallMethod<Name>,
  input: CallInput<Name> | undefined,
  options: CallOptions | undefined,
): AsyncGenerator<PageOf<Name>> {
  // Guarantee: every `ListName` is answered with items and a cursor; those that take no cursor have one page.
  const list = call as ListCall
  const query = input && 'query' in input && typeof input.query === 'object' ? input.query : {}
  let cursor: string | undefined
  for (;;) {
    const { status, body, headers } = await list({ ...input, query: { ...query, ...(cursor && { cursor }) } }, options)
    yield body as PageOf<Name>
    if (body.nextCursor === null) return
    if (body.nextCursor === cursor) {
      const requestId = headers.get('x-request-id') ?? undefined
      throw new AnswerError({ call: name, status, requestId, pointers: ['/nextCursor'] })
    }
    cursor = body.nextCursor
  }
}
