import { connect } from 'node:net'

/** What came back over one connection. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** All bytes, as text. */
  readonly text: string
}

/**
 * Sends bytes as they are, which no HTTP client would, and reads until the peer ends the connection or the first answer
 * is whole. `parts` are sent one after the other while the peer takes them. Rejects after 10 seconds.
 */
export function sendRaw(port: number, parts: Iterable<string | Uint8Array>): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    const end = (): void => {
      socket.destroy()
      const answer = parse(text)
      if (answer) resolve(answer)
      else reject(new Error(`no answer, only: ${text.slice(0, 200)}`))
    }
    socket.setTimeout(10_000, () => {
      socket.destroy()
      reject(new Error('no answer within 10 seconds'))
    })
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const answer = parse(text)
      if (answer && answer.body.length >= Number(answer.headers['content-length'] ?? Infinity)) end()
    })
    socket.on('close', end)
    socket.on('error', end)
    void sendAll(socket, parts)
  })
}

async function sendAll(socket: ReturnType<typeof connect>, parts: Iterable<string | Uint8Array>): Promise<void> {
  for (const part of parts) {
    if (!socket.writable) return
    await new Promise((next) => socket.write(part, next))
  }
}

function parse(text: string): RawAnswer | undefined {
  const at = text.indexOf('\r\n\r\n')
  if (at < 0) return undefined
  const [first = '', ...lines] = text.slice(0, at).split('\r\n')
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ])
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers), body: text.slice(at + 4), text }
}
