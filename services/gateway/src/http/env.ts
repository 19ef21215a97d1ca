import type { HttpBindings } from '@hono/node-server'
import type { Caller } from '@portcullis/domain/caller'

/** What travels with a request inside the gateway. */
export interface Env {
  Bindings: HttpBindings
  Variables: {
    caller: Caller
    /** Whether refusals of this call have an empty body. */
    bareRefusals?: boolean
  }
}
