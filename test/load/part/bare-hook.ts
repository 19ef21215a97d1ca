import { createHmac, randomBytes } from 'node:crypto'
import { play } from './play.ts'

/** A process that does nothing but sign bodies and post them with `fetch`. */
export type BareHooks = {
  /** Posts so many events, so many at a time. */
  send(input: { url: string; body: string; count: number; atOnce: number }): Promise<void>
}

const key = randomBytes(32)

play<BareHooks>({
  async send({ url, body, count, atOnce }) {
    let left = count
    const work = async () => {
      while (left > 0) {
        left -= 1
        await post(url, body)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  },
})

async function post(url: string, body: string): Promise<void> {
  const id = `msg_${randomBytes(16).toString('hex')}`
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Portcullis-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  })
  await answer.arrayBuffer()
  if (answer.status !== 204) throw new Error(`answered ${answer.status}`)
}
