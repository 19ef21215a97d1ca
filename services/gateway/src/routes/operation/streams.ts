import type { Id } from '@portcullis/contracts/ids'
import type { Database } from '@portcullis/db/connect'
import { listOperationVersions } from '@portcullis/db/queries/operation'
import { withStore } from '@portcullis/db/transaction'

/** How an operation stands, as one event. */
export interface OperationEvent {
  /** Rises with every change. */
  readonly id: string
  /** JSON. */
  readonly data: string
  /** Nothing follows. */
  readonly last: boolean
}

/** A reader of one operation. */
export interface StreamRequest {
  readonly id: Id<'operation'>
  readonly first: OperationEvent
  /** Id of the last event that the reader has, from before its line was cut. */
  readonly known: string | undefined
  /** Reads it anew, for this reader; `undefined` once they may not. */
  readonly read: () => Promise<OperationEvent | undefined>
}

/** Streams of server-sent events, all fed by one statement a beat. */
export interface OperationStreams {
  /** Opens one; `undefined` where there are too many. */
  open(request: StreamRequest): ReadableStream<Uint8Array> | undefined
  /** How many are open. */
  readonly count: number
  /** Ends all, and opens no more. */
  close(): void
}

/** Settings of `createOperationStreams`. */
export interface StreamOptions {
  readonly database: Database
  /** How often the store is asked whether something changed. Default 200. */
  readonly beatMs?: number
  /** A comment so often keeps the line open. Default 15,000. */
  readonly heartbeatMs?: number
  /** A stream ends after so long, and its reader opens another. Default 10 minutes. */
  readonly lifetimeMs?: number
  /** Streams of this process at a time. Default 500. */
  readonly most?: number
}

interface Reader extends StreamRequest {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  /** Version that was told last. */
  told: string
  reading: boolean
  readonly timers: NodeJS.Timeout[]
}

const encoder = new TextEncoder()
const heartbeat = encoder.encode(': still here\n\n')

/** Makes the streams of a process. While nobody reads, the store is not asked. */
export function createOperationStreams(options: StreamOptions): OperationStreams {
  const { database, beatMs = 200, heartbeatMs = 15_000, lifetimeMs = 600_000, most = 500 } = options
  const readers = new Set<Reader>()
  let beat: NodeJS.Timeout | undefined
  let closed = false

  async function look(): Promise<void> {
    const ids = [...new Set([...readers].map(({ id }) => id))]
    const versions = await withStore(database, (queries) => listOperationVersions(queries, ids)).catch(() => undefined)
    if (versions) {
      await Promise.all(
        [...readers].filter(({ id, told }) => versions.get(id) !== told).map((reader) => renew(readers, reader)),
      )
    }
    beat = undefined
    schedule()
  }

  function schedule(): void {
    if (readers.size > 0 && beat === undefined && !closed) beat = setTimeout(look, beatMs).unref()
  }

  return {
    get count() {
      return readers.size
    },
    open(request) {
      if (closed || readers.size >= most) return undefined
      let reader: Reader | undefined
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const timers = [
              setInterval(() => reader && send(readers, reader, heartbeat), heartbeatMs).unref(),
              setTimeout(() => reader && end(readers, reader), lifetimeMs).unref(),
            ]
            reader = { ...request, controller, told: request.first.id, reading: false, timers }
            readers.add(reader)
            // An operation that is over is told once more even to whoever knows it: only then do they know that nothing follows.
            if (request.known !== request.first.id || request.first.last) tell(readers, reader, request.first)
            else send(readers, reader, heartbeat)
            schedule()
          },
          cancel() {
            if (reader) end(readers, reader)
          },
        },
        // So many events wait for a slow reader.
        { highWaterMark: 32 },
      )
    },
    close() {
      closed = true
      clearTimeout(beat)
      for (const reader of readers) end(readers, reader)
    },
  }
}

function end(readers: Set<Reader>, reader: Reader): void {
  if (!readers.delete(reader)) return
  for (const timer of reader.timers) clearTimeout(timer)
  try {
    reader.controller.close()
  } catch {
    // Its reader has gone away.
  }
}

function send(readers: Set<Reader>, reader: Reader, bytes: Uint8Array): void {
  // A reader that takes nothing must not fill our memory: events tell the whole, so it may open another and miss nothing.
  if ((reader.controller.desiredSize ?? 0) <= 0) return end(readers, reader)
  reader.controller.enqueue(bytes)
}

function tell(readers: Set<Reader>, reader: Reader, event: OperationEvent): void {
  reader.told = event.id
  send(readers, reader, encoder.encode(`id: ${event.id}\nevent: operation\ndata: ${event.data}\n\n`))
  if (event.last) end(readers, reader)
}

async function renew(readers: Set<Reader>, reader: Reader): Promise<void> {
  if (reader.reading) return
  reader.reading = true
  try {
    const event = await reader.read()
    if (!readers.has(reader)) return
    if (!event) end(readers, reader)
    else if (event.id !== reader.told) tell(readers, reader, event)
  } catch {
    // The store is away for a moment: the next beat asks again.
  } finally {
    reader.reading = false
  }
}
