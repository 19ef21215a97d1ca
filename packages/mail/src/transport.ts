import { systemClock, type Clock } from '@portcullis/runtime/clock'
import { DeadlineExceeded, withDeadline } from '@portcullis/runtime/deadline'
import type { Secret } from '@portcullis/runtime/secret'
import { composeMail, type Mail } from './compose.ts'
import { parseSender } from './mailbox.ts'
import { openPool } from './pool.ts'
import { judgeError, safeResponse, type Attempt, type Sent } from './sent.ts'
import { parseSmtpUrl } from './smtp-url.ts'

/** How mail is signed (DKIM, RFC 6376). */
export interface Dkim {
  /** The domain that signs; aligned with the sender's. */
  readonly domainName: string
  readonly keySelector: string
  /** PEM. */
  readonly privateKey: Secret
}

/** What a mailer is made of. */
export interface MailerOptions {
  /** `smtp://user:password@host:port`, see `parseSmtpUrl`. */
  readonly smtpUrl: Secret
  /** `Acme <no-reply@acme.example>`. */
  readonly from: string
  /** Connections kept open at most. More sends than that wait for a free one. */
  readonly connectionsMost: number
  /** Mails sent over one connection before it is replaced. Default: 100. */
  readonly messagesPerConnectionMost?: number
  /**
   * Milliseconds for each of: connecting, the greeting, any silence of the server. A whole send ends within twice that,
   * so keep it well below half the lease of the job that sends. Default: 10 000.
   */
  readonly timeoutMs?: number
  /** Absent: mail is not signed here (a relay may do it). */
  readonly dkim?: Dkim | undefined
  /** Where the `Date` header comes from. Default: the machine's clock. */
  readonly clock?: Clock
}

/** Hands mail to an SMTP server. */
export interface Mailer {
  /**
   * Sends one mail to one recipient. Whatever the server does is told by the result, within twice `timeoutMs`; it is
   * never thrown. Throws `Failure` (`validation_failed`) only for a mail that must not be sent: control characters in a
   * header. The library itself repeats a send only where not a byte of the message had left; all other repeating is the
   * job's.
   */
  send(mail: Mail, signal?: AbortSignal): Promise<Sent>
  /** Whether the server can be reached and takes our credentials. Never throws. */
  verify(): Promise<boolean>
  /**
   * Ends idle connections and sends that still wait at once, gives running ones `timeoutMs`, then cuts them off.
   * May be called again.
   */
  close(): Promise<void>
}

/**
 * Makes a mailer. Opens no connection yet. Throws `Failure` when an option makes no sense; the text holds no secret.
 */
export function createMailer(options: MailerOptions): Mailer {
  const { timeoutMs = 10_000, clock = systemClock } = options
  const from = parseSender(options.from)
  const pool = openPool({
    target: parseSmtpUrl(options.smtpUrl),
    sender: from.address,
    connectionsMost: options.connectionsMost,
    messagesPerConnectionMost: options.messagesPerConnectionMost ?? 100,
    timeoutMs,
    dkim: options.dkim,
  })
  const running = new Set<Promise<Sent>>()
  let closing: Promise<void> | undefined

  async function deliver(mail: Mail, signal: AbortSignal | undefined): Promise<Sent> {
    const message = composeMail(mail, from, clock.now())
    const delivery = { bodyEnded: false }
    if (closing) return judgeError(undefined, { bodyEnded: false, endedBy: 'smtp_closed' })
    try {
      const response = await withDeadline(2 * timeoutMs, 'mail.send', (over) =>
        pool.send(message, signal ? AbortSignal.any([over, signal]) : over, delivery),
      )
      return { kind: 'sent', response: safeResponse(response) }
    } catch (error) {
      return judgeError(error, { bodyEnded: delivery.bodyEnded, endedBy: endedBy(error, signal) })
    }
  }

  function endedBy(error: unknown, signal: AbortSignal | undefined): Attempt['endedBy'] {
    if (error instanceof DeadlineExceeded) return 'smtp_timeout'
    if (signal?.aborted) return 'smtp_aborted'
    return closing ? 'smtp_closed' : undefined
  }

  async function closeNow(): Promise<void> {
    pool.close('idle')
    const ended = Promise.allSettled(running)
    await withDeadline(timeoutMs, 'mail.close', async () => ended).catch(() => undefined)
    pool.close('all')
    await ended
  }

  return {
    async send(mail, signal) {
      const sending = deliver(mail, signal)
      running.add(sending)
      try {
        return await sending
      } finally {
        running.delete(sending)
      }
    },
    verify: async () => !closing && withDeadline(2 * timeoutMs, 'mail.verify', () => pool.verify()).catch(() => false),
    close: () => (closing ??= closeNow()),
  }
}
