/** A line of an export is never longer: a file without line ends must not fill the memory. */
const lineCharactersMost = 1_000_000

/** A line was longer than any of an export can be. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong'
}

/**
 * The lines of a stream of UTF-8 bytes or text, without their ends; the last one also where its end is missing. Holds one
 * line and one chunk at a time.
 *
 * @throws LineTooLong beyond a million characters.
 */
export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8')
  let rest = ''
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > lineCharactersMost) throw new LineTooLong()
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}
