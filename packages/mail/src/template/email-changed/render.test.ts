import { languages } from '@portcullis/contracts/language'
import { expect, test } from 'vitest'
import { hostileNames } from '../../../test/hostile-name.ts'
import { htmlFaults, linksOf } from '../../../test/html-check.ts'
import { renderConfirmEmailChange } from '../confirm-email-change/render.ts'
import { renderEmailTaken } from '../email-taken/render.ts'
import { renderEmailChanged } from './render.ts'

const link = new URL('https://account.acme.example/page#token=Zk3fV0sYx8Qm2nT7bL5c')
const origin = { place: 'Germany', device: 'Firefox on Linux', changedAt: new Date('2026-11-22T09:14:00Z') }

const mails = {
  confirm: (language: 'en' | 'de', name: string) =>
    renderConfirmEmailChange({ language, name, link, validHours: 24, product: 'Acme' }),
  taken: (language: 'en' | 'de', name: string) => renderEmailTaken({ language, name, product: 'Acme' }),
  changed: (language: 'en' | 'de', name: string) =>
    renderEmailChanged({ ...origin, language, name, revertLink: link, validDays: 7, product: 'Acme' }),
}

test.each(languages)(
  'in %s the link and its life stand in both forms, and whose address was wanted gets no link',
  (language) => {
    for (const [name, life] of [
      ['confirm', /24 /],
      ['changed', /7 /],
    ] as const) {
      const { text, html } = mails[name](language, 'Ada')
      expect(text.split('\n')).toContain(link.href)
      expect(linksOf(html)).toEqual([link.href, link.href])
      for (const form of [text, html]) expect(form).toMatch(life)
      expect(htmlFaults(html)).toEqual([])
    }
    const { text, html } = mails.taken(language, 'Ada')
    expect(linksOf(html)).toEqual([])
    expect(text).not.toContain('http')
    expect(htmlFaults(html)).toEqual([])
  },
)

test.each(hostileNames)('whoever chose the name writes nothing of theirs into the mail: %j', (name) => {
  for (const mail of Object.values(mails)) {
    const { subject, text, html } = mail('en', name)
    expect(htmlFaults(html)).toEqual([])
    expect((text.match(/https?:\S+/g) ?? []).every((one) => one === link.href)).toBe(true)
    expect(`${subject}${text}${html}`).not.toMatch(/<script|evil\.example|[\u202e\u2066]/)
  }
})
