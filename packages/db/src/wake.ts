import postgres from 'postgres'
import { wakeChannel } from './connect.ts'

/** Listens until closed. */
export interface Listener {
  close(): Promise<void>
}

/**
 * Calls `onWake` when some process enqueued jobs, and each time the listening connection is made anew.
 * A hint only: it may come late, twice or never. Whoever listens polls as well.
 * Needs a direct connection to Postgres (not through a transaction pooler), one per listener.
 */
export function listenForJobs(url: string, onWake: () => void): Listener {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    keep_alive: 30,
    backoff: (retries) => Math.min(0.05 * 2 ** retries, 2),
    connection: { application_name: 'portcullis listener' },
  })
  // The driver listens again by itself after a lost connection; only a first attempt can fail.
  const listen = (): void => {
    sql.listen(wakeChannel, onWake, onWake).catch(() => {
      if (!closed) retry = setTimeout(listen, 1000)
    })
  }
  let closed = false
  let retry: NodeJS.Timeout | undefined
  listen()
  return {
    async close() {
      closed = true
      clearTimeout(retry)
      await sql.end({ timeout: 1 })
    },
  }
}
