import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { renderAccountExists } from './render.ts'

const attempt = {
  language: 'en' as const,
  name: 'Ada',
  resetLink: new URL('https://account.acme.example/forgot'),
  requestedAt: new Date('2026-11-22T09:14:00Z'),
  place: 'Hamburg, Germany',
  device: 'Firefox on Linux',
  product: 'Acme',
}

test('the owner learns when, where and with what somebody tried', () => {
  const { subject, text, html } = renderAccountExists(attempt)
  expect(subject).toBe('Your address already has an account at Acme')
  for (const form of [text, html]) {
    for (const words of ['22 November 2026, 09:14 UTC', 'Hamburg, Germany', 'Firefox on Linux'])
      expect(form).toContain(words)
  }
  expect(htmlFaults(html)).toEqual([])
  expect(linksOf(html)).toEqual([attempt.resetLink.href, attempt.resetLink.href])
})

test('without a page for resets there is no link at all', () => {
  const { text, html } = renderAccountExists({ ...attempt, resetLink: undefined })
  expect(linksOf(html)).toEqual([])
  expect(text).not.toContain('http')
  expect(htmlFaults(html)).toEqual([])
})

test.each(hostileNames)('a hostile name or device cannot change the mail: %j', (name) => {
  const { text, html } = renderAccountExists({ ...attempt, name, device: name })
  expect(htmlFaults(html)).toEqual([])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
})
