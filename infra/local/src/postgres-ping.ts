import { connect } from 'node:net'

/**
 * Whether a Postgres on this port lets `app` in and is ready for queries. False: nobody listens, or it is still starting or
 * recovering. Speaks the protocol itself (start-up message, then messages up to `ReadyForQuery`), so that no driver is needed.
 * Source: PostgreSQL 18 documentation, section 54.2.1.
 */
export function pingPostgres(port: number, timeoutMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let seen = Buffer.alloc(0)
    const end = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    socket.setTimeout(timeoutMs, () => end(false))
    socket.on('error', () => end(false))
    socket.on('close', () => end(false))
    socket.on('connect', () => socket.write(startUp()))
    socket.on('data', (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk])
      const verdict = readVerdict(seen)
      if (verdict === undefined) return
      if (verdict) socket.end(Buffer.from([0x58, 0, 0, 0, 4]))
      end(verdict)
    })
  })
}

function startUp(): Buffer {
  const body = Buffer.from('user\0app\0database\0postgres\0\0')
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + body.length, 0)
  head.writeUInt32BE(0x0003_0000, 4)
  return Buffer.concat([head, body])
}

/** True at `ReadyForQuery`, false at an error, undefined while neither has come whole. */
function readVerdict(bytes: Buffer): boolean | undefined {
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1)) {
    if (bytes[at] === 0x45) return false
    if (bytes[at] === 0x5a) return true
  }
  return undefined
}
