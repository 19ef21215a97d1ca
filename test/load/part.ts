import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What a part can be asked: one input and one answer each, both plain data. */
export type Commands<C> = { readonly [Name in keyof C]: (input: never) => unknown }

/** A process of the benchmark's own: a load generator, a sink, a bare baseline. */
export interface Part<C extends Commands<C>> {
  ask<Name extends keyof C & string>(name: Name, input: Parameters<C[Name]>[0]): Promise<Awaited<ReturnType<C[Name]>>>
  stop(): Promise<void>
}

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string }

/**
 * Starts `test/load/part/<name>.ts` as a process. It runs the built packages, as services do (without the condition that
 * names sources), and ends when this process ends.
 */
export async function startPart<C extends Commands<C>>(name: string): Promise<Part<C>> {
  const child = fork(fileURLToPath(new URL(`part/${name}.ts`, import.meta.url)), [], { execArgv: [] })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const ended = Promise.withResolvers<void>()
  const started = Promise.withResolvers<void>()
  let asked = 0
  child.on('message', (message: Answer) => {
    if (message.id === 0) return started.resolve()
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error === undefined) call?.resolve(message.value)
    else call?.reject(new Error(`${name}: ${message.error}`))
  })
  child.on('exit', (code) => {
    const lost = new Error(`${name} ended with code ${code}`)
    started.reject(lost)
    for (const call of waiting.values()) call.reject(lost)
    ended.resolve()
  })
  await started.promise
  return {
    async ask(command, input) {
      const call = Promise.withResolvers<unknown>()
      waiting.set((asked += 1), call)
      child.send({ id: asked, command, input })
      // Guarantee: the part plays the very commands that `C` names; see `play`.
      return (await call.promise) as never
    },
    async stop() {
      if (child.connected) child.disconnect()
      await ended.promise
    },
  }
}
