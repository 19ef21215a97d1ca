import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import type { Database } from '@portcullis/db/connect'
import type { PasswordHasher } from '@portcullis/domain/password/hash'
import type { PasswordVetter } from '@portcullis/domain/password/vet'
import { resolveRental } from '@portcullis/domain/rental/resolve'
import { createCredentialResolver } from '@portcullis/domain/credential/resolve'
import type { SessionLimits } from '@portcullis/db/queries/session'
import type { Clock } from '@portcullis/runtime/clock'
import type { Sealer } from '@portcullis/runtime/seal'
import type { Places } from '@portcullis/runtime/place'
import { Hono } from 'hono'
import type { Env } from './http/env.ts'
import { frame, type FrameOptions, refuseOtherMethods } from './http/frame.ts'
import { mount, type Route } from './http/mount.ts'
import { createRoutes } from './routes/index.ts'
import { createPages, type PageOptions, pagePaths } from './page/page-table.ts'

/** What the app works with. */
export interface AppDeps extends FrameOptions {
  readonly database: Database
  readonly hasher: PasswordHasher
  readonly vet: PasswordVetter
  /** Bodies of requests with an `Idempotency-Key` are told apart by an HMAC under it: they may hold a password. */
  readonly idempotencyKey: Uint8Array
  readonly bodyBytesMost: number
  readonly sealer: Sealer
  readonly clock: Clock
  readonly places: Places
  readonly limits: SessionLimits
  /** Origin of our own pages. */
  readonly origin: string
  readonly pages: PageOptions
}

/** Builds the whole HTTP surface. */
export function createApp(deps: AppDeps): Hono<Env> {
  const app = new Hono<Env>()
  frame(app, deps)
  const resolve = createCredentialResolver(deps)
  const routes = createRoutes(deps, resolve)
  const reading = { ...deps, resolve, resolveRental: (token: string) => resolveRental(deps.database, token) }
  for (const name of Object.keys(endpoints) as EndpointName[]) {
    // Guarantee: `Routes` has under each name the route of that very endpoint.
    mount(app, name, routes[name] as Route<EndpointName>, reading)
  }
  for (const [path, calls] of Map.groupBy(Object.values(endpoints), (endpoint) =>
    endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
  )) {
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
