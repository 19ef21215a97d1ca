import { HonoAdapter } from '@bull-board/hono'
import { serveStatic } from '@hono/node-server/serve-static'
import { Failure } from '@portcullis/contracts/errors'
import type { ResolveCredential } from '@portcullis/domain/credential/resolve'
import type { Board } from '@portcullis/queue/board'
import { type Context, Hono } from 'hono'
import { requireCredential } from '../http/credential.ts'
import type { Env } from '../http/env.ts'
import { answerProblem } from '../http/problem.ts'

/** Where the dashboard is. */
export const boardPath = '/admin/queues'

/** For looking, nothing else. */
const methods = ['GET', 'HEAD']

/** Whoever may list queues may look at them. */
const access = { kind: 'session', proof: false, permission: 'jobs.read' } as const

/**
 * Of this path alone: its own scripts and styles, and styles within the page, which its library writes. No script within the page, no
 * other site: the font that it would fetch from one is not loaded.
 */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'"

/** Puts the dashboard on the app. */
export type MountBoard = (
  app: Hono<Env>,
  /** `origin`: of our own pages. */
  deps: { readonly resolve: ResolveCredential; readonly origin: string },
) => void

/** Makes the dashboard of the queues, for admins who have logged in with a second factor: for looking, nothing else. */
export function createBoardMount(board: Pick<Board, 'attach'>): MountBoard {
  return (app, { resolve, origin }) => {
    const adapter = new HonoAdapter(serveStatic)
    adapter.setBasePath(boardPath)
    board.attach(adapter)
    const guarded = new Hono<Env>()
    guarded.use(async (c: Context<Env>, next) => {
      if (!methods.includes(c.req.method))
        return answerProblem(c, new Failure('method_not_allowed'), { allow: methods.join(', ') })
      await requireCredential(c, access, resolve, origin)
      await next()
      c.res.headers.set('content-security-policy', policy)
      return undefined
    })
    guarded.route('/', adapter.registerPlugin())
    app.route(boardPath, guarded)
  }
}
