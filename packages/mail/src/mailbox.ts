import { Failure } from '@portcullis/contracts/errors'

/** A mailbox as nodemailer takes it: an object is never split at a comma. */
export interface Mailbox {
  readonly name: string
  readonly address: string
}

/**
 * One recipient. Refuses (`validation_failed`) control characters, spaces and angle brackets, which could start another
 * header, another recipient or another SMTP argument. Whether the address is a good one is for `domain` to say. The
 * text itself is never repeated in the failure. Source: RFC 5321 section 4.1.2.
 */
export function recipient(address: string): Mailbox {
  if (!isAddress(address))
    throw new Failure('validation_failed', { internal: 'mail: the recipient cannot be an address' })
  return { name: '', address }
}

/** The sender as an operator writes it: `Acme <no-reply@acme.example>` or the bare address. Throws on anything else. */
export function parseSender(text: string): Mailbox {
  const match = /^(?:(?<name>[^<>"\p{Cc}]*?)\s*<(?<inside>[^<>]*)>|(?<bare>[^<>]*))$/u.exec(text.trim())
  const address = match?.groups?.['inside'] ?? match?.groups?.['bare'] ?? ''
  if (!isAddress(address) || address.includes(',')) {
    throw new Failure('internal_error', { internal: 'mail: the sender must read like Acme <no-reply@acme.example>' })
  }
  return { name: match?.groups?.['name'] ?? '', address }
}

/** The domain of an address: what stands behind its last `@`. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  return at > 0 && at < text.length - 1 && text.length <= 320 && !/[\p{Cc}\s<>]/u.test(text)
}
