import { expect, test } from 'vitest'
import { htmlFaults, linksOf } from '../test/html-check.ts'
import { renderLetter, type Letter } from './letter.ts'

const letter: Letter = {
  language: 'en',
  product: 'Acme',
  subject: 'A subject',
  preview: 'A preview',
  heading: 'A heading',
  greeting: 'Hello,',
  opening: ['One.', 'Two.'],
  action: { label: 'Do it', url: new URL('https://acme.example/do?a=1&b=2'), note: 'Once.' },
  facts: { title: 'Facts', rows: [{ label: 'Time', value: 'Now' }] },
  doubt: {
    title: 'Not you?',
    body: 'Nothing to do.',
    link: { label: 'Help', url: new URL('https://acme.example/help') },
  },
  reason: 'Because.',
}

test('a letter has no fault that a mail program or a screen reader would stumble over', () => {
  expect(htmlFaults(renderLetter(letter).html)).toEqual([])
})

test('the check itself finds faults', () => {
  const { html } = renderLetter(letter)
  expect(htmlFaults(html.replace('</h1>', ''))).not.toEqual([])
  expect(htmlFaults(html.replace('Once.', '<img src="https://evil.example/x">'))).not.toEqual([])
  expect(htmlFaults(html.replace('</style>', '@import "x.css"</style>'))).not.toEqual([])
  expect(htmlFaults(html.replace('#1b211e', '#999999'))).not.toEqual([])
  expect(htmlFaults(html.replace('role="presentation"', 'role="x"'))).not.toEqual([])
  expect(htmlFaults(html.replace('Once.', 'a < b'))).not.toEqual([])
})

test('a letter holds its own links and no other', () => {
  const action = 'https://acme.example/do?a=1&b=2'
  expect(linksOf(renderLetter(letter).html)).toEqual([action, action, 'https://acme.example/help'])
  expect(renderLetter(letter).text.match(/https?:\S+/g)).toEqual([action, 'https://acme.example/help'])
})

test('alone, the link of the doubt is the button', () => {
  const { action: _action, ...rest } = letter
  const { html } = renderLetter(rest)
  expect(html).toMatch(/class="button fill" href="https:\/\/acme\.example\/help"/)
  expect(htmlFaults(html)).toEqual([])
})

test('a letter stays far below the size at which mail is cut off', () => {
  // Gmail cuts at 102 kB.
  expect(Buffer.byteLength(renderLetter(letter).html)).toBeLessThan(20_000)
})

test('text in every part is escaped', () => {
  const evil = '<b title="x">&'
  const { html } = renderLetter({
    ...letter,
    product: evil,
    subject: evil,
    preview: evil,
    heading: evil,
    greeting: evil,
    opening: [evil],
    facts: { title: evil, rows: [{ label: evil, value: evil }] },
    doubt: { title: evil, body: evil, link: { label: evil, url: new URL('https://acme.example/"><b>') } },
    reason: evil,
  })
  expect(html).not.toContain('<b ')
  expect(html).not.toContain('<b>')
  expect(htmlFaults(html)).toEqual([])
})
