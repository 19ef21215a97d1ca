import type { Fact } from './letter.ts'
import { formatMoment } from './moment.ts'
import { strangersText } from './shown-text.ts'

/**
 * When, where and with what something was asked for, as the mails show it. Place and device are words that the caller
 * made; they come from a stranger's request all the same. Empty ones read `Not known`.
 */
export function requestFacts(at: Date, from: { readonly place: string; readonly device: string }): Fact[] {
  return [
    { label: 'Time', value: formatMoment(at) },
    { label: 'Place, roughly', value: strangersText(from.place) || 'Not known' },
    { label: 'Device', value: strangersText(from.device) || 'Not known' },
  ]
}
