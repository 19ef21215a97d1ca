import { expect, test } from 'vitest'
import { shownText, strangersText } from './shown-text.ts'

test.each([
  ['line breaks', 'Ada\r\nBcc: x\u2028y\u0000z', 'Ada Bcc: x y z'],
  ['direction changes', 'Ada\u202Egnp.exe\u2066\u200F', 'Adagnp.exe'],
  ['zero-width and filler characters', 'A\u200Bd\uFEFFa\u3164\u00AD', 'Ada'],
  ['lone surrogates and unassigned ones', 'A\uD800da\uFFFF', 'Ada'],
  ['spaces around and between', '  Ada \t  Lovelace ', 'Ada Lovelace'],
  ['other scripts are left alone', 'Игорь 李 שרה', 'Игорь 李 שרה'],
])('%s', (_what, given, shown) => {
  expect(shownText(given)).toBe(shown)
})

test('text is cut to 60 code points, between characters as people see them', () => {
  expect([...shownText('x'.repeat(300))]).toHaveLength(60)
  expect(shownText('x'.repeat(60))).toBe('x'.repeat(60))
  expect(shownText(`${'x'.repeat(57)}👍🏽👍🏽👍🏽`)).toBe(`${'x'.repeat(57)}👍🏽…`)
})

test('one letter under a thousand marks is not shown', () => {
  expect(shownText(`Z${'\u0301\u0323'.repeat(500)}`)).toBe('')
})

test.each([
  'https://evil.example/reset',
  'evil.example',
  'Click t.co/x now',
  'WWW.evil',
  'you@evil.example',
  'ｅvil．example',
  'evil。example',
  'ev\u200Bil.exa\u202Emple',
  '//evil',
])('a stranger cannot put a link into a mail to somebody else: %s', (name) => {
  expect(strangersText(name)).toBe('')
})

test.each(['Ada Lovelace', 'J. R. Hartley', 'O’Neil-Smith', 'Firefox 128.0 on macOS 10.15', 'Hamburg, Germany', 'Zoë'])(
  'names, places and devices are kept: %s',
  (name) => {
    expect(strangersText(name)).toBe(name)
  },
)
