import type { LetterWords } from '../letter-words.ts'

/** What all German mails share. */
export const letter: LetterWords = {
  greet: (name) => (name === '' ? 'Guten Tag,' : `Guten Tag ${name},`),
  promise: 'Wir fragen nie per E-Mail oder Telefon nach Ihrem Passwort.',
  copyLink: 'Falls die Schaltfläche nicht reagiert, kopieren Sie diese Adresse in Ihren Browser:',
  notYou: 'Das waren nicht Sie?',
  minutes: (count) => quantity(count, 'Minute', 'Minuten'),
  hours: (count) => quantity(count, 'Stunde', 'Stunden'),
  days: (count) => quantity(count, 'Tag', 'Tage'),
  times: (count) => `${count}-mal`,
  more: (count) => `${count} weitere`,
  facts: {
    time: 'Zeitpunkt',
    first: 'Zuerst',
    last: 'Zuletzt',
    often: 'Wie oft',
    place: 'Ort, ungefähr',
    device: 'Gerät',
    notKnown: 'Nicht bekannt',
  },
  devices: {
    browserOn: (browser, system) => `${browser} unter ${system}`,
    programOn: (system) => `Ein Programm unter ${system}`,
    written: (languages) => `Ein Programm (${languages.join(' oder ')})`,
  },
  details: {
    name: 'Bezeichnung',
    left: 'Verbleibende Codes',
    failures: 'Fehlversuche davor',
    inactiveDays: 'Tage seit der letzten Anmeldung',
    formerCountry: 'Ort davor, ungefähr',
    minutesBetween: 'Minuten dazwischen',
    expiresAt: 'Läuft ab',
    dueAt: 'Fällig',
    role: 'Rolle',
    sessions: 'Beendete Sitzungen',
    apiKeys: 'Widerrufene API-Schlüssel',
    sshKeys: 'Widerrufene SSH-Schlüssel',
    restored: 'Wiederhergestellt',
    reference: 'Vorgang',
  },
}

function quantity(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}
