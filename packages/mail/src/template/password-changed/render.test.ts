import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { renderPasswordChanged } from './render.ts'

const change = {
  name: 'Ada',
  changedAt: new Date('2026-11-22T09:14:00Z'),
  place: 'Hamburg, Germany',
  device: 'Firefox on Linux',
  product: 'Acme',
  helpLink: new URL('https://account.acme.example/secure'),
}

test('the owner learns what happened, when and where, and what to do', () => {
  const { subject, text, html } = renderPasswordChanged(change)
  expect(subject).toBe('Your Acme password was changed')
  for (const form of [text, html]) {
    for (const words of ['22 November 2026, 09:14 UTC', 'Hamburg, Germany', 'Firefox on Linux', 'Secure my account']) {
      expect(form).toContain(words)
    }
  }
  expect(linksOf(html)).toEqual([change.helpLink.href, change.helpLink.href])
  expect(htmlFaults(html)).toEqual([])
})

test('without a help page the mail says what to do instead', () => {
  const { text, html } = renderPasswordChanged({ ...change, helpLink: undefined })
  expect(text).toContain('Ask for a password reset now')
  expect(linksOf(html)).toEqual([])
  expect(htmlFaults(html)).toEqual([])
})

test.each(hostileNames)('a hostile name cannot change the mail: %j', (name) => {
  const { text, html } = renderPasswordChanged({ ...change, name, place: name })
  expect(htmlFaults(html)).toEqual([])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
})
