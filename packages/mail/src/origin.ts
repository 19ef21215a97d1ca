import type { Language } from '@portcullis/contracts/language'
import { readDevice } from '@portcullis/runtime/device'
import { wordsOf } from './language/words-of.ts'

const regions = {
  en: new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }),
  de: new Intl.DisplayNames(['de'], { type: 'region', fallback: 'none' }),
} as const satisfies Record<Language, Intl.DisplayNames>

/** The name of a country (ISO 3166-1 alpha-2), roughly where something came from: `Germany`. Empty where it is not known. */
export function placeText(country: string | undefined, language: Language): string {
  return country !== undefined && /^[A-Z]{2}$/.test(country) ? (regions[language].of(country) ?? '') : ''
}

/** What made a request, by its `User-Agent`: `Firefox on Linux`. Empty where it does not tell. */
export function deviceText(userAgent: string | undefined, language: Language): string {
  const device = readDevice(userAgent)
  const { devices } = wordsOf(language).letter
  if (device.kind === 'unknown') return ''
  if (device.kind === 'named') return device.name
  if (device.kind === 'written') return devices.written(device.languages)
  if (device.kind === 'program') return devices.programOn(device.system)
  return device.system === undefined ? device.name : devices.browserOn(device.name, device.system)
}
