import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Endpoint } from './api/endpoint.ts'
import { endpoints } from './api/index.ts'
import { buildOpenApi } from './openapi.ts'
import { isPermitted, permissionNames, permissionTable, roles, rolesWith } from './permission.ts'

const calls: readonly Endpoint[] = Object.values(endpoints)
const document = buildOpenApi({ title: 'Acme', serverUrl: 'https://account.acme.example' })

describe('the table of permissions', () => {
  it('is what the README shows', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const shown = /<!-- permissions -->\n([\s\S]*?)\n<!-- \/permissions -->/.exec(readme)?.[1]
    expect(shown?.trim()).toBe(permissionTable())
  })

  it('gives members nothing, and admins all that support has', () => {
    expect(permissionNames.filter((name) => isPermitted('member', name))).toEqual([])
    expect(permissionNames.filter((name) => isPermitted('support', name) && !isPermitted('admin', name))).toEqual([])
    expect(permissionNames.filter((name) => rolesWith(name).length === 0)).toEqual([])
  })

  it('lets support hand out no power: no roles, no secrets, no bulk work, no audit trail', () => {
    const supports = permissionNames.filter((name) => isPermitted('support', name))
    expect(supports).not.toContain('accounts.role')
    expect(supports.filter((name) => /^(revocations|audit|webhooks|clients|jobs|queues|sweeps)\./.test(name))).toEqual(
      [],
    )
  })

  it('names each role once, in the order of what they may', () => {
    const counts = roles.map((role) => permissionNames.filter((name) => isPermitted(role, name)).length)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(new Set(counts).size).toBe(roles.length)
  })
})

describe('a call under /v1/admin', () => {
  // Whoever is to become the first admin has no permission yet: a one-time token stands in for it.
  const administration = calls.filter(({ path, name }) => path.startsWith('/v1/admin/') && name !== 'bootstrapAdmin')

  it('needs a permission, and the document tells which', () => {
    expect(administration.length).toBeGreaterThan(15)
    for (const { name, access, path, method } of administration) {
      const permission = access?.kind === 'session' ? access.permission : undefined
      expect([name, permission]).toEqual([name, expect.any(String)])
      expect(document.paths[path]?.[method.toLowerCase()]?.['x-permission']).toBe(permission)
    }
  })

  it('says so by a word that the gateway reads: what it does not know would let everybody in', () => {
    const known = ['kind', 'proof', 'permission', 'apiKeyScope', 'scope']
    const words = calls.flatMap(({ access }) => Object.keys(access ?? {}))
    expect(words.filter((word) => !known.includes(word))).toEqual([])
  })

  it('wants a fresh proof where it changes something', () => {
    const changing = administration.filter(({ method }) => method !== 'GET')
    const lax = changing.filter(({ access }) => access?.kind !== 'session' || !access.proof)
    expect(lax.map(({ name }) => name)).toEqual([])
  })

  it('alone needs one: no other call does', () => {
    const others = calls.filter((call) => call.access?.kind === 'session' && call.access.permission)
    expect(others.map(({ name }) => name).toSorted()).toEqual(administration.map(({ name }) => name).toSorted())
  })
})
