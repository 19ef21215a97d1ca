import { startInboxHttp } from './inbox-http.ts'
import { startInboxSmtp } from './inbox-smtp.ts'
import { openInboxStore } from './inbox-store.ts'

/** What an inbox is to be. A port of 0 is any free one. */
export interface InboxOptions {
  readonly host: string
  readonly smtpPort: number
  readonly httpPort: number
  /** Keeps the mails over a restart (mode 0600). Default: memory alone. */
  readonly file?: string
}

/** A running development inbox: SMTP in, a page for people and JSON for programs out. */
export interface Inbox {
  /** `smtp://host:port` for a mail transport. */
  readonly smtpUrl: string
  /** `http://host:port`, with `GET /messages`. */
  readonly url: string
  stop(): Promise<void>
}

/** Starts an inbox that takes every mail and keeps the last 500. Rejects when a port is taken. */
export async function startInbox(options: InboxOptions): Promise<Inbox> {
  const store = openInboxStore(options.file)
  const smtp = await startInboxSmtp(store, options.host, options.smtpPort)
  const http = await startInboxHttp(store, options.host, options.httpPort).catch(async (error: unknown) => {
    await smtp.stop()
    throw error
  })
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    smtpUrl: `smtp://${host}:${smtp.port}`,
    url: `http://${host}:${http.port}`,
    async stop() {
      await Promise.all([smtp.stop(), http.stop()])
    },
  }
}
