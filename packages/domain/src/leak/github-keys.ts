import type { KeyObject } from 'node:crypto'
import { Failure } from '@portcullis/contracts/errors'
import { readGithubKey } from './github-signature.ts'

/** Settings of `createGithubKeys`. */
export interface GithubKeysOptions {
  readonly url: URL
  /** Milliseconds of a clock that never goes back. */
  readonly monotonicMs: () => number
  /** For the whole fetch. Default 3,000. */
  readonly timeoutMs?: number
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
}

/** Public keys of GitHub's secret scanning. */
export interface GithubKeys {
  /** The key of that name; `undefined` for one that GitHub does not have. Throws `Failure('store_unavailable')` while nobody can be asked. */
  find(keyId: string): Promise<KeyObject | undefined>
}

/** Keys are asked for anew after this, */
const freshMs = 3_600_000
/** and at most so often, however many unknown names are presented. */
const restMs = 60_000
const bytesMost = 262_144

/**
 * Keeps GitHub's public keys: fetched when first needed, again after an hour, and for a name that is not among them, at most once a
 * minute. Keys that cannot be fetched anew stay good. Many that ask at once make one fetch; redirects are not followed.
 */
export function createGithubKeys({ url, monotonicMs, timeoutMs = 3000, fetch = globalThis.fetch }: GithubKeysOptions) {
  let keys: ReadonlyMap<string, KeyObject> | undefined
  let askedMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined

  async function ask(): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(url, { headers: { accept: 'application/json' }, redirect: 'error', signal })
    if (!answer.ok) throw new Error(`status ${answer.status}`)
    keys = readKeys(JSON.parse(await readText(answer)))
  }

  return {
    async find(keyId) {
      const age = monotonicMs() - askedMs
      if (!asking && age > restMs && (keys === undefined || age > freshMs || !keys.has(keyId))) {
        askedMs = monotonicMs()
        asking = ask()
          .catch(() => {})
          .finally(() => (asking = undefined))
      }
      await asking
      if (keys === undefined)
        throw new Failure('store_unavailable', { internal: 'the keys of GitHub cannot be fetched' })
      return keys.get(keyId)
    },
  } satisfies GithubKeys
}

/** `public_keys: [{ key_identifier, key }]`; a key that is none is passed over. */
function readKeys(answer: unknown): ReadonlyMap<string, KeyObject> {
  const all: unknown = typeof answer === 'object' && answer !== null && 'public_keys' in answer && answer.public_keys
  if (!Array.isArray(all)) throw new Error('no keys')
  const entries = all.flatMap((one: unknown): [string, KeyObject][] => {
    if (typeof one !== 'object' || one === null || !('key_identifier' in one) || !('key' in one)) return []
    const key = typeof one.key === 'string' ? readGithubKey(one.key) : undefined
    return key && typeof one.key_identifier === 'string' ? [[one.key_identifier, key]] : []
  })
  return new Map(entries)
}

async function readText(answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.byteLength
    if (bytes > bytesMost) throw new Error('too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
