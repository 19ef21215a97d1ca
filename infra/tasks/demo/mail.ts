import { until } from './wait.ts'

/** A mail of the inbox, as far as it is read here. */
export interface Mail {
  readonly id: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly receivedAt: string
}

/** Waits for a mail to an address whose text matches, and gives what the pattern's groups took. */
export async function readLink(
  inbox: string,
  to: string,
  pattern: RegExp,
): Promise<{ readonly mail: Mail; readonly groups: readonly string[] }> {
  const mail = await waitForMail(inbox, to, ({ text }) => pattern.test(text))
  return { mail, groups: pattern.exec(mail.text)?.slice(1) ?? [] }
}

/** Waits for a mail to an address; the newest of those that are meant. */
export function waitForMail(inbox: string, to: string, isMeant: (mail: Mail) => boolean): Promise<Mail> {
  return until(`a mail to ${to}`, async () => (await listMails(inbox, to)).find(isMeant))
}

/** Mails to an address, newest first. */
async function listMails(inbox: string, to: string): Promise<readonly Mail[]> {
  const answer = await fetch(`${inbox}/messages?to=${encodeURIComponent(to)}`, { signal: AbortSignal.timeout(5_000) })
  return (await answer.json()) as readonly Mail[]
}
