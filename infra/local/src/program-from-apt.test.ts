import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { fetchProgram, findProgram, type WantedProgram } from './program-from-apt.ts'
import { findTool } from './tool.ts'

const dir = mkdtempSync(join(tmpdir(), 'program-from-apt-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

const nothing: WantedProgram<{ found: true }> = { packages: ['portcullis-no-such-package'], tryIn: () => undefined }

test('where there is no apt-get the answer says so, and nothing is left behind', async () => {
  process.env['PATH'] = dir
  const cache = join(dir, 'none')
  expect(await fetchProgram(nothing, cache)).toEqual({ unavailable: 'this system has no apt-get to fetch one with' })
  expect(await findTool('oathtool', cache)).toHaveProperty('unavailable')
  expect(findProgram(nothing, cache)).toBeUndefined()
})

test('a package that the distribution has not is told, and nothing is left behind', async (context) => {
  const cache = join(dir, 'unknown')
  let told = 0
  const fetched = await fetchProgram(nothing, cache, () => void (told += 1))
  if (told === 0) return context.skip('no apt-get on this machine')
  expect('unavailable' in fetched && fetched.unavailable).toMatch(/no package of it|could not be fetched/)
  expect(readdirSync(cache)).toEqual([])
}, 180_000)

test('a tool is fetched once, works, and is found again without apt', async (context) => {
  const cache = join(dir, 'oathtool')
  const tool = await findTool('oathtool', cache)
  if ('unavailable' in tool) return context.skip(`no oathtool: ${tool.unavailable}`)
  // RFC 6238, appendix B: time 59, SHA1, eight digits.
  const code = (found: typeof tool) =>
    found.run(['--totp', '--digits=8', '--now=@59', '-'], '3132333435363738393031323334353637383930\n').trim()
  expect(code(tool)).toBe('94287082')
  expect(() => tool.run(['--base32', '-'], 'planted-secret\n')).toThrow(/^\S*oathtool ended with 1$/)
  if (tool.from === 'PATH') return
  process.env['PATH'] = dir
  const again = await findTool('oathtool', cache)
  if ('unavailable' in again) throw new Error(again.unavailable)
  expect(code(again)).toBe('94287082')
}, 180_000)
