import type { Language } from '@portcullis/contracts/language'

// English as the world writes it: the day before the month.
const formats = { en: formatsOf('en-GB'), de: formatsOf('de-DE') } as const satisfies Record<Language, unknown>

/** A moment for people, in UTC: `22 November 2026, 09:14 UTC`. The reader's own zone is not known here. */
export function formatMoment(at: Date, language: Language): string {
  const { day, time } = formats[language]
  return `${day.format(at)}, ${time.format(at)} UTC`
}

function formatsOf(locale: string) {
  return {
    day: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'long' }),
    time: new Intl.DateTimeFormat(locale, { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  }
}
