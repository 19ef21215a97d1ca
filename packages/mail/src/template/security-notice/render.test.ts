import { languages } from '@portcullis/contracts/language'
import { type NoticeKind, noticeKinds, notices } from '@portcullis/contracts/notice-kind'
import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { decode, htmlFaults, linksOf } from '../../../test/html-check.ts'
import { renderSecurityNotice, type SecurityNotice } from './render.ts'

const url = new URL('https://account.acme.example/secure-account#token=canary')
const notice: SecurityNotice = {
  language: 'en',
  kind: 'new_device',
  name: 'Ada',
  times: 1,
  firstAt: new Date('2026-11-22T09:14:00Z'),
  lastAt: new Date('2026-11-22T09:14:00Z'),
  origins: [{ place: 'Germany', device: 'Firefox on Linux' }],
  details: [],
  product: 'Acme',
  lockLink: { url, validDays: 7 },
}

const everyMail = languages.flatMap((language) => noticeKinds.map((kind) => [language, kind] as const))

test.each(everyMail)('in %s of %s the owner learns what, when, where, and what to do', (language, kind) => {
  const { subject, text, html } = renderSecurityNotice({ ...notice, language, kind })
  expect(subject).toContain('Acme')
  for (const form of [text, decode(html)]) {
    for (const words of [
      'November 2026, 09:14 UTC',
      'Germany',
      'Firefox on Linux',
      language === 'en' ? '7 days' : '7 Tage',
    ]) {
      expect(form).toContain(words)
    }
  }
  expect(linksOf(html)).toEqual([url.href, url.href])
  expect(html).toContain(`<html lang="${language}"`)
  expect(htmlFaults(html)).toEqual([])
})

test.each<[NoticeKind, string]>([
  ['new_device', 'cannot be switched off'],
  ['backup_codes_low', 'until you switch it off'],
])('%s says whether it can be switched off', (kind, words) => {
  expect(notices[kind].security).toBe(words.startsWith('cannot'))
  expect(renderSecurityNotice({ ...notice, kind }).text).toContain(words)
})

test('of several at once it says how many, the first and the last, and each place and device once', () => {
  const { subject, text, html } = renderSecurityNotice({
    ...notice,
    times: 4,
    lastAt: new Date('2026-11-22T09:44:00Z'),
    origins: [
      { place: 'Germany', device: 'Firefox on Linux' },
      { place: 'Japan', device: 'Firefox on Linux' },
      { place: 'Germany', device: 'curl' },
    ],
  })
  expect(subject).toBe('A new device logged in to your Acme account (4 times)')
  for (const form of [text, html]) {
    for (const words of ['4 times', '22 November 2026, 09:14 UTC', '22 November 2026, 09:44 UTC', 'Germany, Japan'])
      expect(form).toContain(words)
    expect(form).toContain('Firefox on Linux, curl')
  }
})

test('a long list of places is cut, and says so', () => {
  const origins = ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((place) => ({ place, device: '' }))
  expect(renderSecurityNotice({ ...notice, times: 7, origins }).text).toContain('A, B, C, D, E, 2 more')
})

test('what is known besides is told, and nothing that is not for mails', () => {
  const details = [
    {
      name: 'Nightly backup',
      failures: 7,
      formerCountry: 'JP',
      expiresAt: '2026-11-29T00:00:00Z',
      to: 'canary',
      left: {},
    },
  ]
  const { text } = renderSecurityNotice({ ...notice, details, lockLink: undefined })
  for (const words of ['Nightly backup', '7', 'Japan', '29 November 2026, 00:00 UTC']) expect(text).toContain(words)
  expect(text).not.toContain('canary')
  expect(text).not.toContain('Codes left')
})

test('without a link there is none', () => {
  const { text, html } = renderSecurityNotice({ ...notice, lockLink: undefined })
  expect(linksOf(html)).toEqual([])
  expect(text).not.toContain('http')
})

test.each(hostileNames)('a hostile name cannot change the mail: %j', (name) => {
  const origins = [{ place: name, device: name }]
  const { text, html } = renderSecurityNotice({ ...notice, name, origins, details: [{ name, reference: name }] })
  expect(htmlFaults(html)).toEqual([])
  expect(linksOf(html)).toEqual([url.href, url.href])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
})

test.each(languages)(
  'in %s the closing of an account can be stopped by one link, and the account locked by another',
  (language) => {
    const keepLink = new URL('https://account.acme.example/keep-account#token=keep')
    const { text, html } = renderSecurityNotice({ ...notice, language, kind: 'account_closing', keepLink })
    expect(new Set(linksOf(html))).toEqual(new Set([keepLink.href, url.href]))
    expect(text).toContain(keepLink.href)
    expect(htmlFaults(html)).toEqual([])
  },
)
