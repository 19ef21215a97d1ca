/** The languages in which people are written to, as BCP 47 tags. The first is the one of whoever has chosen none. */
export const languages = ['en', 'de'] as const

/** A language in which people are written to. */
export type Language = (typeof languages)[number]

/** The language of a tag: `de` for `de-AT` too; the first of the list for one that is not spoken here. */
export function readLanguage(tag: string): Language {
  const primary = tag.split('-', 1)[0]?.toLowerCase()
  return languages.find((language) => language === primary) ?? languages[0]
}
