import type { LetterWords } from '../letter-words.ts'

/** What all English mails share. */
export const letter: LetterWords = {
  greet: (name) => (name === '' ? 'Hello,' : `Hello ${name},`),
  promise: 'We never ask for your password by mail or telephone.',
  copyLink: 'If the button does not work, copy this address into your browser:',
  notYou: 'Not you?',
  minutes: (count) => quantity(count, 'minute'),
  hours: (count) => quantity(count, 'hour'),
  days: (count) => quantity(count, 'day'),
  times: (count) => quantity(count, 'time'),
  more: (count) => `${count} more`,
  facts: {
    time: 'Time',
    first: 'First',
    last: 'Last',
    often: 'How often',
    place: 'Place, roughly',
    device: 'Device',
    notKnown: 'Not known',
  },
  devices: {
    browserOn: (browser, system) => `${browser} on ${system}`,
    programOn: (system) => `A program on ${system}`,
    written: (languages) => `A program (${languages.join(' or ')})`,
  },
  details: {
    name: 'Name',
    left: 'Codes left',
    failures: 'Failed before',
    inactiveDays: 'Days since the last login',
    formerCountry: 'Place before, roughly',
    minutesBetween: 'Minutes in between',
    expiresAt: 'Expires',
    dueAt: 'Due',
    role: 'Role',
    sessions: 'Sessions ended',
    apiKeys: 'API keys revoked',
    sshKeys: 'SSH keys revoked',
    restored: 'Brought back',
    reference: 'Reference',
  },
}

function quantity(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
