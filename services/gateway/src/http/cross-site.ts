import { Failure } from '@portcullis/contracts/errors'
import type { Context } from 'hono'
import type { Env } from './env.ts'

/**
 * Refuses what a browser sends on behalf of a page of another site, for methods that change something. Browsers tell by
 * `Sec-Fetch-Site`, older ones by `Origin`; who sends neither is no browser, and carries no cookie against its will.
 * The cookie is SameSite, too, and bodies are JSON only. Source: OWASP CSRF prevention cheat sheet, ASVS 5 3.5.1 to 3.5.3.
 */
export function refuseCrossSite(c: Context<Env>, origin: string): void {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return
  const site = c.req.header('sec-fetch-site')
  const own =
    site === undefined ? (c.req.header('origin') ?? origin) === origin : site === 'same-origin' || site === 'none'
  if (!own) throw new Failure('cross_site_refused')
}
