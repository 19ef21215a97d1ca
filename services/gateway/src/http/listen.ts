import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener, RequestError } from '@hono/node-server'
import { Failure } from '@portcullis/contracts/errors'
import type { Hono } from 'hono'
import type { Env } from './env.ts'
import { bareProblem } from './problem.ts'

/** Where to listen. */
export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

/**
 * Serves the app over HTTP/1.1. What is too broken to reach it (bad framing, headers beyond 16 KiB or slower than 10
 * seconds, a whole request slower than 30) is a 400 problem all the same, with every header, and ends the connection.
 * Throws when the port cannot be had.
 */
export function listen(app: Hono<Env>, options: ListenOptions): Promise<Server> {
  const server = createServer(
    {
      requestTimeout: 30_000,
      headersTimeout: 10_000,
      keepAliveTimeout: 60_000,
      maxHeaderSize: 16_384,
      // Left to Node, the answer would have neither our headers nor a body.
      requireHostHeader: false,
    },
    getRequestListener(app.fetch, {
      hostname: options.host,
      errorHandler(error) {
        const code = error instanceof RequestError ? 'malformed_request' : 'internal_error'
        const { body, ...init } = bareProblem(new Failure(code))
        return new Response(body, init)
      },
    }),
  )
  answerBrokenRequests(server)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => resolve(server))
  })
}

function answerBrokenRequests(server: Server): void {
  const latest = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>()
  server.on('request', (request, response) => latest.set(request.socket, { request, response }))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const last = latest.get(socket)
    // An answer already under way must not be followed by a second one for the same request.
    const answered = last !== undefined && !last.request.complete && last.response.headersSent
    if (error.code === 'ECONNRESET' || !socket.writable || answered) {
      socket.destroy()
      return
    }
    socket.end(onTheWire(bareProblem(new Failure('malformed_request'))), () => socket.destroy())
  })
}

function onTheWire({ status, headers, body }: ReturnType<typeof bareProblem>): string {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`
}
