import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { type SecurityEvent, securityEvents } from './event.ts'
import { renderSecurityNotice } from './render.ts'

const notice = {
  event: 'new_device' as SecurityEvent,
  name: 'Ada',
  occurredAt: new Date('2026-11-22T09:14:00Z'),
  place: 'Germany',
  device: 'Firefox on Linux',
  product: 'Acme',
  helpLink: new URL('https://account.acme.example/secure'),
}

test.each(Object.keys(securityEvents) as SecurityEvent[])(
  'of %s the owner learns what, when, where, and what to do',
  (event) => {
    const { subject, text, html } = renderSecurityNotice({ ...notice, event })
    expect(subject).toContain('Acme')
    for (const form of [text, html]) {
      for (const words of ['22 November 2026, 09:14 UTC', 'Germany', 'Firefox on Linux', 'Secure my account']) {
        expect(form).toContain(words)
      }
    }
    expect(linksOf(html)).toEqual([notice.helpLink.href, notice.helpLink.href])
    expect(htmlFaults(html)).toEqual([])
  },
)

test.each(hostileNames)('a hostile name cannot change the mail: %j', (name) => {
  const { text, html } = renderSecurityNotice({ ...notice, name, device: name })
  expect(htmlFaults(html)).toEqual([])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
})
