import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import type { Database } from '@portcullis/db/connect'
import type { PasswordHasher } from '@portcullis/domain/password/hash'
import type { PasswordVetter } from '@portcullis/domain/password/vet'
import { Hono } from 'hono'
import type { Env } from './http/env.ts'
import { frame, type FrameOptions, refuseOtherMethods } from './http/frame.ts'
import { mount, type Route, type Routes } from './http/mount.ts'
import { createPages, type PageOptions, pagePaths } from './page/page-table.ts'
import { registerAccountRoute } from './routes/account/register.ts'
import { verifyEmailRoute } from './routes/email-verification/verify.ts'
import { completePasswordResetRoute } from './routes/password-reset/complete.ts'
import { requestPasswordResetRoute } from './routes/password-reset/request.ts'

/** What the app works with. */
export interface AppDeps extends FrameOptions {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly vet: PasswordVetter
  /** Bodies of requests with an `Idempotency-Key` are told apart by an HMAC under it: they may hold a password. */
  readonly idempotencyKey: Uint8Array
  readonly bodyBytesMost: number
  readonly pages: PageOptions
}

/** Builds the whole HTTP surface. */
export function createApp(deps: AppDeps): Hono<Env> {
  const app = new Hono<Env>()
  frame(app, deps)
  const routes: Routes = {
    registerAccount: registerAccountRoute(deps),
    verifyEmail: verifyEmailRoute(deps.database),
    requestPasswordReset: requestPasswordResetRoute(deps.database, deps.idempotencyKey),
    completePasswordReset: completePasswordResetRoute(deps),
  }
  for (const name of Object.keys(endpoints) as EndpointName[]) {
    // Guarantee: `Routes` has under each name the route of that very endpoint.
    mount(app, name, routes[name] as Route<EndpointName>, deps.bodyBytesMost)
  }
  for (const [path, calls] of Map.groupBy(Object.values(endpoints), (endpoint) => endpoint.path)) {
    refuseOtherMethods(
      app,
      path,
      calls.map((endpoint) => endpoint.method),
    )
  }
  const pages = createPages(deps.pages)
  for (const path of pagePaths) {
    // Hono answers HEAD as GET without the body.
    app.get(path, pages[path])
    refuseOtherMethods(app, path, ['GET', 'HEAD'])
  }
  return app
}
