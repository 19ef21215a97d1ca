import { monitorEventLoopDelay } from 'node:perf_hooks'
import { hash, verify } from '@node-rs/argon2'
import { nowNs, play } from './play.ts'

/** Argon2id and nothing else. */
export type BareHash = {
  /** Hashes a password under the given cost. */
  make(input: Cost & { password: string }): Promise<string>
  /** Verifies as fast as it can, so many at a time. Gives verifications per second and the delay of the event loop. */
  rate(input: {
    password: string
    phc: string
    atOnce: number
    seconds: number
  }): Promise<{ rate: number; p99Ms: number }>
}

type Cost = { memoryKib: number; passes: number; lanes: number }

/** `Algorithm.Argon2id`, a const enum that isolated modules cannot name. */
const argon2id = 2
const resolutionMs = 10

function make({ password, memoryKib, passes, lanes }: Parameters<BareHash['make']>[0]): Promise<string> {
  return hash(password, {
    algorithm: argon2id,
    memoryCost: memoryKib,
    timeCost: passes,
    parallelism: lanes,
    outputLen: 32,
  })
}

async function rate({ password, phc, atOnce, seconds }: Parameters<BareHash['rate']>[0]) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let done = 0
  const endNs = nowNs() + seconds * 1e9
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (;;) {
        if (!(await verify(phc, password))) throw new Error('the right password was refused')
        if (nowNs() > endNs) return
        done += 1
      }
    }),
  )
  delay.disable()
  return { rate: done / seconds, p99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs) }
}

play<BareHash>({ make, rate })
