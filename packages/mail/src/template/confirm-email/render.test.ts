import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { renderConfirmEmail } from './render.ts'

const link = new URL('https://account.acme.example/confirm?token=Zk3fV0sYx8Qm2nT7bL5c')
const confirm = { language: 'en' as const, name: 'Ada', link, validHours: 24, product: 'Acme' }

test('the mail holds the link and how long it lives', () => {
  const { subject, text, html } = renderConfirmEmail(confirm)
  expect(subject).toBe('Confirm your address for Acme')
  expect(text.split('\n')).toContain(link.href)
  expect(linksOf(html)).toEqual([link.href, link.href])
  for (const form of [text, html]) expect(form).toContain('24 hours')
  expect(htmlFaults(html)).toEqual([])
})

test.each(hostileNames)('whoever registers with the address of another cannot write to him: %j', (name) => {
  const { text, html } = renderConfirmEmail({ ...confirm, name })
  expect(htmlFaults(html)).toEqual([])
  expect(linksOf(html)).toEqual([link.href, link.href])
  expect(text.match(/https?:\S+/g)).toEqual([link.href])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
})
