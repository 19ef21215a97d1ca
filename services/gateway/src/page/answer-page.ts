import { readFileSync } from 'node:fs'
import { sha256 } from '@portcullis/runtime/digest'
import { randomToken } from '@portcullis/runtime/random'
import type { Context } from 'hono'
import { raw } from 'hono/html'
import type { Env } from '../http/env.ts'
import type { Markup } from './frame.ts'

/** Answers one address. */
export type PageAnswer = (c: Context<Env>) => Promise<Response>

const shut = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * A document that is the same for everybody: made at the first request, then kept. Caches ask again each time and are
 * told by its tag that nothing changed (RFC 9110 section 13.1.2). Style is allowed by its hash, script not at all.
 */
export function keptDocument(contentType: string, make: () => Promise<string>, style?: string): PageAnswer {
  let kept: Promise<{ text: string; headers: Record<string, string> }> | undefined
  const styleSource = style === undefined ? '' : `style-src 'sha256-${sha256(style).toString('base64')}'; `
  async function prepare() {
    const text = await make()
    const headers = {
      'content-type': contentType,
      'cache-control': 'no-cache',
      'content-security-policy': `default-src 'none'; ${styleSource}${shut}`,
      etag: `"${sha256(text).toString('base64url').slice(0, 22)}"`,
    }
    return { text, headers }
  }
  return async (c) => {
    const { text, headers } = await (kept ??= prepare())
    if (isKnown(c.req.header('if-none-match'), headers['etag'] ?? '')) return c.body(null, 304, headers)
    return c.body(text, 200, headers)
  }
}

function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  const tags = ifNoneMatch?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? []
  return tags.includes(tag) || tags.includes('*')
}

/**
 * A page that may meet a token: never kept, and only style and script of this very answer run. It speaks to its own
 * origin and cannot be framed. Source: OWASP ASVS 5 3.4.3 to 3.4.6; OWASP Forgot Password (`no-referrer`).
 */
export function tokenPage(make: (nonce: string) => Markup): PageAnswer {
  return async (c) => {
    const nonce = randomToken(16)
    return c.body(String(await make(nonce)), 200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; ${shut}`,
      'cross-origin-opener-policy': 'same-origin',
    })
  }
}

/** The script of token pages, as it stands beside this file. Holds no `</script`. */
export const clientScript = raw(readScript('client.js'))

/** The same, with the steps of a recovery behind it. */
export const recoveryScript = raw(`${readScript('client.js')}\n${readScript('recovery-client.js')}`)

function readScript(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
    .trim()
}
