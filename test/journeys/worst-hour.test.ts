import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawnTied } from '@portcullis/local/child'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the demo from the build, as `npm run demo` does. */
async function play(): Promise<{ code: number | null; said: string; pid: number }> {
  let said = ''
  const words = ['--conditions=@portcullis/source', join(root, 'infra/tasks/demo.ts'), '--built']
  const env = { ...process.env, NO_COLOR: '1' }
  const demo = spawnTied(process.execPath, words, { cwd: root, env, hear: (text) => void (said += text) })
  const { code } = await demo.exited
  return { code, said, pid: demo.pid }
}

it('the worst hour is played to its end: every door is refused to the intruder, and open to the owner', async () => {
  const { code, said, pid } = await play()
  expect(code, said).toBe(0)
  const sshd = process.getuid?.() === 0 && spawnSync('/usr/sbin/sshd', ['-?']).error === undefined
  for (const door of ['password', 'session', 'API key', ...(sshd ? ['SSH key'] : [])]) {
    expect(said).toMatch(new RegExp(`○ ${door} opens`))
    expect(said).toMatch(new RegExp(`\\+\\d+ ms +● ${door} refused`))
    expect(said).toMatch(new RegExp(`● Intruder: ${door} refused`))
    expect(said).toMatch(new RegExp(`○ Owner: ${door} opens`))
  }
  expect(said).not.toMatch(/✗|STILL OPENS/)
  expect(said.split('\n').filter((line) => line.length > 80 || line.includes('\u001b'))).toEqual([])
  const left = join(root, '.data/demo')
  expect(readFileSync(join(left, 'report.html'), 'utf8')).toContain('Sessions were ended')
  expect(readdirSync(left)).not.toContain(`run-${pid}`)
}, 150_000)
