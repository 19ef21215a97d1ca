import { errorHelp } from '@portcullis/contracts/error-help'
import { endpoints } from '@portcullis/contracts/api/index'
import { errors } from '@portcullis/contracts/errors'
import { buildOpenApi } from '@portcullis/contracts/openapi'
import { sha256 } from '@portcullis/runtime/digest'
import type { Database } from '@portcullis/db/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openAwayDatabase, type OpenGateway, openGateway } from '../testing/open-gateway.ts'
import { pagePaths } from './page-table.ts'

let store: Database
let gateway: OpenGateway
beforeAll(async () => {
  // Pages need no store: none is there.
  store = openAwayDatabase()
  gateway = await openGateway(store)
})
afterAll(async () => {
  await gateway.close()
  await store.close()
})

async function open(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(gateway.url + path, { headers })
  return { response, text: await response.text(), policy: response.headers.get('content-security-policy') ?? '' }
}

const htmlPaths = pagePaths.filter((path) => path !== '/openapi.json')
const tokenPaths = [
  '/reset-password',
  '/verify-email',
  '/secure-account',
  '/recover-account',
  '/confirm-email-change',
  '/revert-email-change',
  '/keep-account',
] as const
const keptPaths = pagePaths.filter((path) => !tokenPaths.some((one) => one === path))

describe('every page', () => {
  it.each(htmlPaths)('%s loads nothing from anywhere, and has no handler or style in its markup', async (path) => {
    const { text, response } = await open(path)
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(text).not.toMatch(/<(?:link|img|iframe|object|embed|base|source|video|audio)\b/i)
    const markup = text.replaceAll(/(<(script|style)[^>]*>)[\s\S]*?<\/\2>/g, '$1')
    expect(markup).not.toMatch(/\s(?:src|srcset|style|on[a-z]+)\s*=/i)
    expect(text).not.toMatch(/@import|url\(/i)
    const outside = [...text.matchAll(/href="([^"]*)"/g)]
      .map(([, href = '']) => href)
      .filter((href) => !/^[/#]/.test(href) || href.startsWith('//'))
    expect(outside).toEqual([])
  })

  it.each(htmlPaths)('%s says its language, its width and one heading, and labels every field', async (path) => {
    const { text } = await open(path)
    expect(text).toMatch(/^<!doctype html>\n<html lang="en">/)
    expect(text).toContain('name="viewport" content="width=device-width, initial-scale=1"')
    expect(text).toContain('<h1')
    expect(text).toMatch(/<title>[^<]+<\/title>/)
    const fields = text.match(/<input\b[^>]*>/g) ?? []
    for (const field of fields) {
      const id = /\sid="([^"]+)"/.exec(field)?.[1]
      expect(text).toMatch(new RegExp(`<label for="${id}"|<label class="show"><input id="${id}"`))
    }
    const all = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(all).size).toBe(all.length)
    for (const [, refs = ''] of text.matchAll(/aria-describedby="([^"]+)"/g)) {
      for (const ref of refs.split(' ')) expect(all).toContain(ref)
    }
  })

  it.each(htmlPaths)('%s links only to what is there', async (path) => {
    const { text } = await open(path)
    const links = [
      ...new Set(
        [...text.matchAll(/href="([^"#]*)(?:#([^"]*))?"/g)].map(([, to, anchor]) => `${to || path}#${anchor ?? ''}`),
      ),
    ]
    for (const link of links) {
      const [to = '', anchor = ''] = link.split('#')
      const target = await open(to)
      expect(target.response.status, link).toBe(200)
      expect(target.text, link).toContain(anchor === '' ? '' : `id="${anchor}"`)
    }
  })

  it('reflects nothing of its address', async () => {
    for (const path of pagePaths) {
      const { text } = await open(`${path}?token=planted-7f3a&next=//evil.example%22%3E%3Cscript%3E`)
      expect(text).not.toMatch(/planted-7f3a|evil\.example/)
    }
  })
})

describe('a kept page', () => {
  it.each(keptPaths)('%s is not sent again to whoever has it', async (path) => {
    const { response } = await open(path)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{22}"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await open(path, { 'if-none-match': known })
      expect([again.response.status, again.text, again.response.headers.get('etag')]).toEqual([304, '', etag])
    }
    expect((await open(path, { 'if-none-match': '"other"' })).response.status).toBe(200)
  })

  it.each(keptPaths.filter((path) => path !== '/openapi.json'))(
    '%s allows its own style by its hash, and no script',
    async (path) => {
      const { text, policy } = await open(path)
      const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? ''
      expect(policy).toBe(
        `default-src 'none'; style-src 'sha256-${sha256(style).toString('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      expect(text).not.toMatch(/<script/i)
    },
  )
})

describe('a page that meets a token', () => {
  it.each(tokenPaths)('%s is never kept, and runs only what this answer allows', async (path) => {
    const first = await open(path)
    const second = await open(path)
    const nonce = /'nonce-([\w-]{22})'/.exec(first.policy)?.[1] ?? 'none'
    expect(first.policy).toBe(
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(second.policy).not.toBe(first.policy)
    expect(first.response.headers.get('cache-control')).toBe('no-store')
    expect(first.response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(first.response.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(first.text.match(/<script[^>]*>/g)).toEqual([`<script type="module" nonce="${nonce}">`])
    expect(first.text.match(/<style[^>]*>/g)).toEqual([`<style nonce="${nonce}">`])
  })

  it.each(tokenPaths)(
    '%s takes the token from the address bar before anything else, and sends nothing unasked',
    async (path) => {
      const { text } = await open(path)
      const script = /<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? ''
      const statements = script.replaceAll(/^\s*\/\/.*$/gm, '').trim()
      expect(statements).toMatch(/^const token = takeToken\(\)/)
      expect(script).toContain('history.replaceState(null')
      expect(script).not.toMatch(/localStorage|sessionStorage|document\.cookie|innerHTML|eval\(/)
      expect([...script.matchAll(/await post\(/g)]).toHaveLength(1)
      expect(script.indexOf('await post(')).toBeGreaterThan(script.indexOf("addEventListener('submit'"))
    },
  )

  it('has fields that password managers know, and no limit on what is pasted', async () => {
    const { text } = await open('/reset-password')
    const inputs = text.match(/<input[^>]*>/g) ?? []
    const passwords = inputs.filter((input) => input.includes('type="password"'))
    expect(passwords).toHaveLength(2)
    for (const input of passwords) expect(input).toContain('autocomplete="new-password"')
    // A browser would cut what is pasted, and say nothing.
    expect(text).not.toContain('maxlength')
    expect(inputs.find((input) => input.includes('type="email"'))).toContain('autocomplete="username"')
    expect(text).not.toContain('onpaste')
    expect(text).toContain('role="alert"')
  })

  it('tells the rules that are in force', async () => {
    const modern = await openGateway(store, {
      pages: {
        productName: 'A<b>&"\'',
        publicUrl: new URL('https://a.example'),
        passwordProfile: 'modern',
        passwordLengthLeast: 8,
      },
    })
    const text = await (await fetch(`${modern.url}/reset-password`)).text()
    expect(text).toContain('15 characters or more')
    expect(text).toContain('A&lt;b&gt;&amp;&quot;&#39;')
    await modern.close()
    expect((await open('/reset-password')).text).toContain('8 characters or more, with upper-case')
  })
})

describe('the documentation', () => {
  it('is the contract’s own document, with the configured origin', async () => {
    const { text, response } = await open('/openapi.json')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(JSON.parse(text)).toEqual(
      JSON.parse(JSON.stringify(buildOpenApi({ title: 'Portcullis', serverUrl: 'https://account.acme.example' }))),
    )
  })

  it('shows every call with its fields', async () => {
    const { text } = await open('/docs')
    for (const { name, path, summary } of Object.values(endpoints)) {
      expect(text).toContain(`<article id="${name}">`)
      expect(text).toContain(`<span>${path}</span>`)
      expect(text).toContain(summary)
    }
    for (const field of ['email', 'password', 'name', 'token'])
      expect(text).toContain(`<dt>${field}<small>string, required</small>`)
  })

  it('shows every code under the anchor that problems lead to, with what to do', async () => {
    const { text } = await open('/docs/problems')
    for (const code of Object.keys(errors) as (keyof typeof errors)[]) {
      expect(text).toContain(`<article id="${code}">`)
      expect(text.replaceAll(/<\/?code>/g, '')).toContain(errorHelp[code].remedy.replaceAll('`', ''))
    }
  })

  it('is small enough to be read at once', async () => {
    // The reference has an article for each call; everything else is one screen or two.
    const perCall = ['/docs', '/openapi.json']
    const budget = (path: string) => (perCall.includes(path) ? 8000 * Object.keys(endpoints).length : 64_000)
    for (const path of pagePaths) expect((await open(path)).text.length, path).toBeLessThan(budget(path))
  })
})
