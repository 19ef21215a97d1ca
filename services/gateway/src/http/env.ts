import type { HttpBindings } from '@hono/node-server'
import type { Failure } from '@portcullis/contracts/errors'
import type { Caller } from '@portcullis/domain/caller'

/** What travels with a request inside the gateway. */
export interface Env {
  Bindings: HttpBindings
  Variables: {
    caller: Caller
    /** Whether refusals of this call have an empty body. */
    bareRefusals?: boolean
    /** Why it was refused, for the log. */
    refusal?: Failure
    /** How the limit of attempts stands that this call counts against, once it was counted. */
    rateLimit?: Readonly<Record<string, string>>
  }
}
