import { languages } from '@portcullis/contracts/language'
import { noticeKinds } from '@portcullis/contracts/notice-kind'
import { expect, test } from 'vitest'
import { wordsOf } from './words-of.ts'

/** Each text of a language by the path of its key; texts that take a value with `Acme` or 3 in its place. */
function allTexts(words: unknown, path = ''): [string, string][] {
  if (typeof words === 'string') return [[path, words]]
  // A number serves as text, and what takes a list is given its parts.
  if (typeof words === 'function') return allTexts(words(sampleOf(path), 'Acme'), path)
  if (typeof words !== 'object' || words === null) throw new Error(`no words at ${path}`)
  return Object.entries(words).flatMap(([key, value]) => allTexts(value, `${path}/${key}`))
}

function sampleOf(path: string): unknown {
  if (path.endsWith('/written')) return ['Acme', 'Acme']
  return /\/(minutes|hours|days|times|more)$/.test(path) ? 3 : 'Acme'
}

test.each(languages)('%s lacks no word that another language has', (language) => {
  const keysOf = (texts: [string, string][]) => texts.map(([key]) => key).sort()
  expect(keysOf(allTexts(wordsOf(language)))).toEqual(keysOf(allTexts(wordsOf('en'))))
  expect(Object.keys(wordsOf(language).notices).sort()).toEqual(noticeKinds.toSorted())
})

test.each(languages)('in %s no text is empty, and no placeholder is left', (language) => {
  for (const [key, text] of allTexts(wordsOf(language))) {
    expect(text.trim(), key).toBe(text)
    expect(text, key).not.toMatch(/^$|undefined|null|NaN|\[object|[{}$<>]|%[sd]|TODO|XXX| {2}/)
  }
})

test('nothing was left in English', () => {
  const english = new Map(allTexts(wordsOf('en')))
  const same = allTexts(wordsOf('de')).filter(([key, text]) => english.get(key) === text)
  expect(same).toEqual([])
})

test.each(languages)('in %s a number stands with its unit, one and many apart', (language) => {
  const { minutes, hours, days } = wordsOf(language).letter
  for (const quantity of [minutes, hours, days]) {
    expect(quantity(1)).toMatch(/^1 \p{L}+$/u)
    expect(quantity(2)).toMatch(/^2 \p{L}+$/u)
    expect(quantity(2).slice(2)).not.toBe(quantity(1).slice(2))
  }
})
