/** What all mails of a language share. */
export interface LetterWords {
  /** Without a name that can be shown, `name` is empty. */
  readonly greet: (name: string) => string
  /** Stands under every mail, so that a mail which does ask is known as false. */
  readonly promise: string
  readonly copyLink: string
  readonly notYou: string
  readonly minutes: (count: number) => string
  readonly hours: (count: number) => string
  readonly days: (count: number) => string
  readonly times: (count: number) => string
  /** How many more there are behind a list that was cut. */
  readonly more: (count: number) => string
  readonly facts: {
    readonly time: string
    readonly first: string
    readonly last: string
    readonly often: string
    readonly place: string
    readonly device: string
    readonly notKnown: string
  }
  readonly devices: {
    readonly browserOn: (browser: string, system: string) => string
    readonly programOn: (system: string) => string
    readonly written: (languages: readonly string[]) => string
  }
  readonly details: DetailWords
}

/** What a mail calls the details of a notice that it may show. */
export interface DetailWords {
  readonly name: string
  readonly left: string
  readonly failures: string
  readonly inactiveDays: string
  readonly formerCountry: string
  readonly minutesBetween: string
  readonly expiresAt: string
  readonly dueAt: string
  readonly role: string
  readonly sessions: string
  readonly apiKeys: string
  readonly sshKeys: string
  readonly restored: string
  readonly reference: string
}
