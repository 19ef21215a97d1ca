import { endpoints, type EndpointName } from '@portcullis/contracts/api/index'
import { resolveRental } from '@portcullis/domain/rental/resolve'
import { createCredentialResolver } from '@portcullis/domain/credential/resolve'
import { Hono } from 'hono'
import type { AppDeps } from './app-deps.ts'
import type { Env } from './http/env.ts'
import { frame, refuseOtherMethods } from './http/frame.ts'
import { mount, type Route } from './http/mount.ts'
import { createRoutes } from './routes/index.ts'
import { createPages, pagePaths } from './page/page-table.ts'

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
  deps.board?.(app, { resolve, origin: deps.origin })
  const pages = createPages(deps.pages)
  for (const path of pagePaths) {
    // Hono answers HEAD as GET without the body.
    app.get(path, pages[path])
    refuseOtherMethods(app, path, ['GET', 'HEAD'])
  }
  return app
}
