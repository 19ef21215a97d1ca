import PostalMime from 'postal-mime'

/** A mail that arrived, as `GET /messages` shows it. */
export interface InboxMessage {
  /** Counts up from 1 within one inbox. */
  readonly id: string
  /** The addresses that the sender handed it in for (the envelope), not what its `To` line claims. */
  readonly to: readonly string[]
  /** The address of its `From` line, else that of the envelope. */
  readonly from: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** By lower-case name; what stands twice is joined by a line feed. */
  readonly headers: Readonly<Record<string, string>>
  /** When it was taken, UTC, ISO 8601. */
  readonly receivedAt: string
}

/** Who a mail is from and for, as the SMTP dialogue said. */
export interface Envelope {
  readonly from: string
  readonly to: readonly string[]
}

/** Reads a raw mail (RFC 5322, MIME). One that no parser can read is shown as plain text rather than refused. */
export async function readMail(id: string, raw: Buffer, envelope: Envelope, receivedAt: Date): Promise<InboxMessage> {
  const at = receivedAt.toISOString()
  try {
    const mail = await PostalMime.parse(raw)
    const headers: Record<string, string> = Object.create(null)
    for (const { key, value } of mail.headers) headers[key] = key in headers ? `${headers[key]}\n${value}` : value
    return {
      id,
      to: envelope.to,
      from: mail.from?.address ?? envelope.from,
      subject: mail.subject ?? '',
      text: mail.text ?? '',
      html: mail.html ?? '',
      headers: { ...headers },
      receivedAt: at,
    }
  } catch {
    const { from, to } = envelope
    const text = raw.toString('utf8')
    return { id, to, from, subject: '(unreadable mail)', text, html: '', headers: {}, receivedAt: at }
  }
}
