import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createGithubKeys } from './github-keys.ts'

const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' }).toString()

/** A GitHub that the test holds: what it answers, how often it was asked, and the clock. */
function openGithub() {
  const held = { asked: 0, nowMs: 0, answer: (): Response => Response.json({ public_keys: [] }) }
  const keys = createGithubKeys({
    url: new URL('https://github.example/keys'),
    monotonicMs: () => held.nowMs,
    fetch: async () => {
      held.asked += 1
      return held.answer()
    },
  })
  const publish = (...names: string[]) => {
    const all = names.map((name) => ({ key_identifier: name, key: pem(), is_current: true }))
    held.answer = () => Response.json({ public_keys: all })
  }
  return { held, keys, publish }
}

describe('the keys of GitHub', () => {
  it('are fetched once for many that ask at once, and kept for an hour', async () => {
    const { held, keys, publish } = openGithub()
    publish('aa')
    const found = await Promise.all(Array.from({ length: 20 }, () => keys.find('aa')))
    expect(found.every((key) => key?.asymmetricKeyType === 'ec')).toBe(true)
    held.nowMs = 3_600_000
    await keys.find('aa')
    expect(held.asked).toBe(1)
    held.nowMs = 3_600_001
    await keys.find('aa')
    expect(held.asked).toBe(2)
  })

  it('are asked for anew for an unknown name, once a minute at most', async () => {
    const { held, keys, publish } = openGithub()
    publish('aa')
    expect(await keys.find('aa')).toBeDefined()
    publish('aa', 'bb')
    for (let n = 0; n < 50; n += 1) expect(await keys.find('bb')).toBeUndefined()
    expect(held.asked).toBe(1)
    held.nowMs = 60_001
    expect(await keys.find('bb')).toBeDefined()
    expect(held.asked).toBe(2)
  })

  it('stay good while GitHub cannot be asked', async () => {
    const { held, keys, publish } = openGithub()
    publish('aa')
    await keys.find('aa')
    held.nowMs = 4_000_000
    held.answer = () => new Response('busy', { status: 503 })
    expect(await keys.find('aa')).toBeDefined()
    expect(held.asked).toBe(2)
  })

  it.each([
    ['is away', () => new Response('', { status: 503 })],
    ['answers nonsense', () => new Response('<html>')],
    ['answers without keys', () => Response.json({})],
    ['answers without end', () => new Response('x'.repeat(300_000))],
  ])('that were never fetched are waited for while GitHub %s: come back later', async (_, answer) => {
    const { held, keys, publish } = openGithub()
    held.answer = answer
    await expect(keys.find('aa')).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(keys.find('aa')).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(held.asked).toBe(1)
    held.nowMs = 60_001
    publish('aa')
    expect(await keys.find('aa')).toBeDefined()
  })
})
