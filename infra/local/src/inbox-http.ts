import { readFileSync } from 'node:fs'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { isIP } from 'node:net'
import type { InboxMessage } from './inbox-message.ts'
import type { InboxStore } from './inbox-store.ts'

/** A running page of the inbox. */
export interface InboxHttp {
  readonly port: number
  stop(): Promise<void>
}

const waitSecondsMost = 60

const pageFiles = {
  '/': { file: 'page.html', type: 'text/html; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
} as const

// Mails are hostile input: the page runs its own script alone, and a mail's HTML runs none and fetches nothing.
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const mailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const common = {
  'cache-control': 'no-store',
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Serves the page for people and `/messages` for programs. */
export async function startInboxHttp(store: InboxStore, host: string, port: number): Promise<InboxHttp> {
  const server = createServer((request, response) => {
    handle(store, request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : port, stop: () => close(server) }
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function handle(store: InboxStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isOwnHost(request.headers.host))
    return answer(response, 421, { error: 'this inbox answers for local hosts only' })
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://inbox.localhost')
  if (request.method === 'DELETE' && pathname === '/messages') {
    store.clear()
    return void response.writeHead(204, common).end()
  }
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return answer(response, 405, { error: 'method not allowed' })
  if (pathname === '/messages') return list(store, searchParams, response)
  if (pathname === '/events') return stream(store, response)
  const page = Object.hasOwn(pageFiles, pathname) ? pageFiles[pathname as keyof typeof pageFiles] : undefined
  if (page) {
    const body = readFileSync(new URL(`./inbox-page/${page.file}`, import.meta.url))
    return void response.writeHead(200, { ...common, 'content-type': page.type }).end(body)
  }
  const [, id = '', form] = /^\/messages\/(\d+)(\/html)?$/.exec(pathname) ?? []
  const message = store.find(id)
  if (!message) return answer(response, 404, { error: 'there is no such mail' })
  return form === undefined ? answer(response, 200, message) : showHtml(message, response)
}

/** Query: `to` an address, `after` an id, `waitSeconds` (at most 60) until there is one, `brief` without bodies. */
async function list(store: InboxStore, query: URLSearchParams, response: ServerResponse): Promise<void> {
  const wanted = { to: query.get('to') ?? undefined, after: number(query.get('after')) }
  const waitSeconds = Math.min(number(query.get('waitSeconds')), waitSecondsMost)
  const messages = waitSeconds > 0 ? await store.wait(wanted, waitSeconds * 1_000) : store.list(wanted)
  const brief = ({ id, from, subject, receivedAt, ...rest }: InboxMessage) => ({
    id,
    from,
    to: rest.to,
    subject,
    receivedAt,
  })
  answer(response, 200, query.has('brief') ? messages.map(brief) : messages)
}

function number(text: string | null): number {
  return Math.max(Number(text ?? 0) || 0, 0)
}

/** Tells the page that something changed (server-sent events); it then asks for the list. */
function stream(store: InboxStore, response: ServerResponse): void {
  response.writeHead(200, { ...common, 'content-type': 'text/event-stream' })
  const tell = () => response.write('event: change\ndata: {}\n\n')
  tell()
  response.once('close', store.onChange(tell))
}

function showHtml(message: InboxMessage, response: ServerResponse): void {
  const headers = { ...common, 'content-security-policy': mailPolicy, 'content-type': 'text/html; charset=utf-8' }
  // Links of a mail open beside the inbox, not inside it.
  response.writeHead(200, headers).end(`<!doctype html><base target="_blank">${message.html}`)
}

/** A name that leads here by somebody else's DNS is refused: reset links must not be read by a foreign page (DNS rebinding). */
function isOwnHost(host = ''): boolean {
  const name = host
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { ...common, 'content-type': 'application/json; charset=utf-8' })
  response.end(`${JSON.stringify(body, null, 2)}\n`)
}
