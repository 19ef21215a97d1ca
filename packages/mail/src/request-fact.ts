import type { Language } from '@portcullis/contracts/language'
import { joinSome } from './join-some.ts'
import { wordsOf } from './language/words-of.ts'
import type { Fact } from './letter.ts'
import { formatMoment } from './moment.ts'
import { strangersText } from './shown-text.ts'

/** Roughly where and with what something was asked for, in the reader's language; empty for what is not known. */
export interface RequestOrigin {
  /** Approximate: `Germany`. */
  readonly place: string
  /** Approximate: `Firefox on Linux`. */
  readonly device: string
}

/**
 * When, where and with what something was asked for, as the mails show it. Place and device are words that the caller
 * made; they come from a stranger's request all the same. Empty ones read `Not known`.
 */
export function requestFacts(at: Date, from: RequestOrigin, language: Language): Fact[] {
  return [
    { label: wordsOf(language).letter.facts.time, value: formatMoment(at, language) },
    ...originFacts([from], language),
  ]
}

/** Where and with what, for several requests: each place and each device once. */
export function originFacts(from: readonly RequestOrigin[], language: Language): Fact[] {
  const { place, device, notKnown } = wordsOf(language).letter.facts
  const shown = (texts: readonly string[]): string => joinSome(texts.map(strangersText), language) || notKnown
  return [
    { label: place, value: shown(from.map((one) => one.place)) },
    { label: device, value: shown(from.map((one) => one.device)) },
  ]
}
