import { type BareMailer, makeBareMailer } from './bare-mail.ts'
import { play } from './play.ts'

/** A process that does nothing but send mails. */
export type BareMailing = {
  open(input: { smtpPort: number; connections: number }): void
  /** Sends one mail to each, so many at a time. */
  send(input: { emails: string[]; atOnce: number }): Promise<void>
}

let mailer: BareMailer | undefined

play<BareMailing>({
  open({ smtpPort, connections }) {
    mailer = makeBareMailer(smtpPort, connections)
  },
  async send({ emails, atOnce }) {
    const left = [...emails]
    const work = async () => {
      for (let email = left.pop(); email !== undefined; email = left.pop()) await mailer?.send(email)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
  },
})
