import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { renderPasswordReset, type PasswordReset } from './render.ts'

const token = 'Zk3fV0sYx8Qm2nT7bL5cR9wJ1hD4gK6pA0eU3iO8yXs'
const reset: PasswordReset = {
  language: 'en',
  name: 'Ada',
  link: new URL(`https://account.acme.example/reset?a=1&token=${token}`),
  validMinutes: 30,
  requestedAt: new Date('2026-11-22T09:14:00Z'),
  place: 'Hamburg, Germany',
  device: 'Firefox on Linux',
  product: 'Acme',
  supportUrl: new URL('https://acme.example/support'),
}

test('both forms tell time, place, device and how long the link lives', () => {
  const { subject, text, html } = renderPasswordReset(reset)
  expect(subject).toBe('Reset your Acme password')
  for (const form of [text, html]) {
    for (const words of [
      'Hello Ada,',
      '22 November 2026, 09:14 UTC',
      'Hamburg, Germany',
      'Firefox on Linux',
      '30 minutes',
    ]) {
      expect(form).toContain(words)
    }
  }
  expect(htmlFaults(html)).toEqual([])
})

test('the link is the given one, in text alone on its line, and the token is nowhere else', () => {
  const { subject, text, html } = renderPasswordReset(reset)
  expect(linksOf(html)).toEqual([reset.link.href, reset.link.href, 'https://acme.example/support'])
  expect(text.split('\n')).toContain(reset.link.href)
  expect(subject).not.toContain(token)
  expect(text.split(token)).toHaveLength(2)
  expect(html.split(token)).toHaveLength(4)
})

test('one minute is one minute', () => {
  expect(renderPasswordReset({ ...reset, validMinutes: 1 }).text).toContain('for 1 minute.')
})

test.each(hostileNames)('a hostile name cannot change the mail: %j', (name) => {
  const { subject, text, html } = renderPasswordReset({ ...reset, name, device: name, place: name })
  expect(subject).toBe('Reset your Acme password')
  expect(htmlFaults(html)).toEqual([])
  expect(linksOf(html)).toEqual([reset.link.href, reset.link.href, 'https://acme.example/support'])
  expect(`${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
  expect(text.split('\n').find((line) => line.startsWith('Hello'))?.length).toBeLessThanOrEqual('Hello ,'.length + 60)
})

test('what is not known is said so', () => {
  expect(renderPasswordReset({ ...reset, place: '', device: '' }).text.match(/Not known/g)).toHaveLength(2)
})

test('in German, both forms are German throughout', () => {
  const { subject, text, html } = renderPasswordReset({
    ...reset,
    language: 'de',
    place: 'Deutschland',
    device: 'Firefox unter Linux',
  })
  expect(subject).toBe('Neues Passwort für Acme')
  expect(html).toContain('<html lang="de"')
  for (const form of [text, html]) {
    for (const words of [
      'Guten Tag Ada,',
      '22. November 2026, 09:14 UTC',
      'Deutschland',
      '30 Minuten',
      'nie per E-Mail',
    ]) {
      expect(form).toContain(words)
    }
  }
  expect(htmlFaults(html)).toEqual([])
})

test('the same values give the same bytes', () => {
  expect(renderPasswordReset(reset)).toEqual(renderPasswordReset({ ...reset }))
})
