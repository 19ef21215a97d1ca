import { openConnection } from './connection.ts'
import { nowNs, play } from './play.ts'

/** Sends requests all at once. */
export type Lock = {
  /** Each on a connection of its own that is open already. Gives when each was sent and when its answer was there. */
  burst(input: {
    port: number
    requests: string[]
    /** The only status that is no error. */
    status: number
  }): Promise<{ sentNs: number; answeredNs: number }[]>
}

async function burst({ port, requests, status }: Parameters<Lock['burst']>[0]) {
  const open = await Promise.all(requests.map(() => openConnection(port)))
  const found = await Promise.all(
    requests.map(async (request, place) => {
      const sentNs = nowNs()
      const answer = await open[place]?.ask(request)
      if (answer !== status) throw new Error(`status ${answer}`)
      return { sentNs, answeredNs: nowNs() }
    }),
  )
  for (const connection of open) connection.close()
  return found
}

play<Lock>({ burst })
