import { connect, type Socket } from 'node:net'

/** One keep-alive connection that asks for one thing at a time. */
export interface Connection {
  /** Sends a whole request, ready-made, and gives the status of the answer. */
  ask(request: string): Promise<number>
  close(): void
}

/**
 * Opens a connection. Lean on purpose: bytes are written ready-made and only the status and the end of an answer are read,
 * as a generator that shares two cores with what it measures must take little of them.
 */
export async function openConnection(port: number): Promise<Connection> {
  const socket = await open(port)
  let waiting: PromiseWithResolvers<number> | undefined
  let heard = ''
  socket.setEncoding('latin1')
  socket.on('data', (text: string) => {
    heard += text
    if (!isWhole(heard)) return
    const status = Number(heard.slice(9, 12))
    heard = ''
    waiting?.resolve(status)
  })
  socket.on('close', () => waiting?.reject(new Error('the server closed the connection')))
  socket.on('error', (error) => waiting?.reject(error))
  return {
    ask(request) {
      waiting = Promise.withResolvers<number>()
      socket.write(request, 'latin1')
      return waiting.promise
    },
    close() {
      waiting = undefined
      socket.destroy()
    },
  }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

function isWhole(heard: string): boolean {
  const end = heard.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(heard)?.[1]
  if (length !== undefined) return heard.length >= end + 4 + Number(length)
  return heard.startsWith('HTTP/1.1 204') || heard.endsWith('\r\n0\r\n\r\n')
}
