import type { Client } from '@portcullis/client/create-client'
import { ProblemError } from '@portcullis/client/problem-error'
import type { RentalHost } from './rental-host.ts'

/** How a door answered. */
export interface Tried {
  readonly opened: boolean
  /** What it said, in short. */
  readonly said: string
}

/** A way into an account. */
export interface Door {
  readonly name: string
  /** Tries it. Rejects where the answer says neither that it is open nor that it is refused. */
  readonly go: () => Promise<Tried>
}

/** A door with how it answered, and when. */
export interface TriedDoor extends Tried {
  readonly name: string
  /** Milliseconds of this process's monotonic clock, when the answer was there. */
  readonly at: number
}

/** Tries all doors at once. */
export function tryDoors(doors: readonly Door[]): Promise<TriedDoor[]> {
  return Promise.all(
    doors.map(async ({ name, go }) => {
      const tried = await go()
      return { name, ...tried, at: performance.now() }
    }),
  )
}

/** Logging in with a password. Where a code is asked for, the password was right, and that is open enough. */
export function passwordDoor(visitor: Client, email: string, password: string): Door {
  return refusable('password', async () => {
    const { status } = await visitor.createSession({ body: { email, password } })
    return status === 201 ? '201, logged in' : '200, right: a code is asked for'
  })
}

/** A session token. */
export function sessionDoor(holder: Client): Door {
  return refusable('session', async () => `200, ${(await holder.getSession()).body.device}`)
}

/** An API key, as a back end of the product sees it. */
export function apiKeyDoor(product: Client, key: string): Door {
  return {
    name: 'API key',
    async go() {
      const { body } = await product.introspectToken({ body: { token: key } })
      return { opened: body.active, said: body.active ? `active: true, ${body.scope ?? ''}` : 'active: false' }
    },
  }
}

/** An SSH key on a rented server. */
export function sshDoor(host: RentalHost, key: string): Door {
  return { name: 'SSH key', go: () => host.enter(key) }
}

/** A door that refuses by 401. Any other refusal (too many attempts, a fault) proves nothing, and is thrown. */
function refusable(name: string, open: () => Promise<string>): Door {
  return {
    name,
    async go() {
      try {
        return { opened: true, said: await open() }
      } catch (error) {
        if (!(error instanceof ProblemError) || error.status !== 401) throw error
        return { opened: false, said: `401 ${error.code ?? ''}`.trim() }
      }
    },
  }
}
