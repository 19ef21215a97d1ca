import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('a process notices that its parent was killed by SIGKILL', async () => {
  const module = JSON.stringify(new URL('./parent.ts', import.meta.url).href)
  const child = `
    const { watchParent } = await import(${module})
    watchParent(() => { console.log('gone'); process.exit() })
    console.log('watching')
    setInterval(() => {}, 1000)`
  const parent = `
    const { spawn } = await import('node:child_process')
    spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(child)}], { stdio: 'inherit', detached: true })
    setInterval(() => {}, 1000)`
  const middle = spawn(process.execPath, ['--input-type=module', '-e', parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const words = middle.stdout.setEncoding('utf8')
  expect(await once(words, 'data')).toEqual(['watching\n'])
  middle.kill('SIGKILL')
  expect(await once(words, 'data')).toEqual(['gone\n'])
})
