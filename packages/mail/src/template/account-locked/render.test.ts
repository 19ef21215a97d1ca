import { languages } from '@portcullis/contracts/language'
import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { type AccountLocked, renderAccountLocked } from './render.ts'

const recoveryLink = new URL('https://account.acme.example/recover-account#lockdown=lck_1&token=canary')
const lock: AccountLocked = {
  language: 'en',
  name: 'Ada',
  recoveryLink,
  lockedAt: new Date('2026-11-22T09:14:00Z'),
  place: 'Germany',
  device: 'Firefox on Linux',
  product: 'Acme',
  supportUrl: new URL('https://acme.example/support'),
}

test.each(languages)('in %s it leads back in by the given link, and nowhere else but to support', (language) => {
  const { subject, text, html } = renderAccountLocked({ ...lock, language })
  expect(subject).toContain('Acme')
  expect(subject).not.toContain('canary')
  expect(text.split('\n')).toContain(recoveryLink.href)
  expect(linksOf(html)).toEqual([recoveryLink.href, recoveryLink.href, 'https://acme.example/support'])
  for (const form of [text, html]) {
    for (const words of ['November 2026, 09:14 UTC', 'Germany', 'Firefox on Linux']) expect(form).toContain(words)
  }
  expect(htmlFaults(html)).toEqual([])
})

test.each(hostileNames)('a hostile name cannot change the mail: %j', (name) => {
  const { text, html } = renderAccountLocked({ ...lock, name, place: name, device: name })
  expect(htmlFaults(html)).toEqual([])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
})
