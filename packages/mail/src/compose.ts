import { Failure } from '@portcullis/contracts/errors'
import type { SendMailOptions } from 'nodemailer'
import { recipient, type Mailbox } from './mailbox.ts'
import type { Rendered } from './rendered.ts'

/** One mail to one person. */
export interface Mail {
  /** With angle brackets, from `messageIdFor`: the same for every attempt to send this mail. */
  readonly messageId: string
  /** One address, from the store, never from a request. */
  readonly to: string
  readonly rendered: Rendered
  /** BCP 47 tag of the language it is written in: `en`. */
  readonly language: string
}

/**
 * The message as nodemailer takes it. Marked as written by a machine, so that no machine answers it (RFC 3834 section
 * 5); without `List-Unsubscribe`, as security notices cannot be switched off; nothing is fetched or read to make it.
 * Refuses (`validation_failed`) control characters in anything that becomes a header.
 */
export function composeMail(mail: Mail, from: Mailbox, date: Date): SendMailOptions {
  const to = recipient(mail.to)
  return {
    from: { ...from },
    to: { ...to },
    // Said apart, so that nothing in a header can add a recipient.
    envelope: { from: from.address, to: [{ ...to }] },
    subject: headerText('subject', mail.rendered.subject),
    messageId: messageIdText(mail.messageId),
    date,
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'Content-Language': languageTag(mail.language),
    },
    text: mail.rendered.text,
    html: mail.rendered.html,
    xMailer: false,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function headerText(what: string, value: string): string {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value)) throw refuse(`control character in the ${what}`)
  return value
}

function messageIdText(value: string): string {
  if (!/^<[^\s<>@\p{Cc}]+@[^\s<>@\p{Cc}]+>$/u.test(value)) throw refuse('the Message-ID is not <left@right>')
  return value
}

function languageTag(value: string): string {
  if (!/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(value)) throw refuse('the language is not a BCP 47 tag')
  return value
}

function refuse(internal: string): Failure {
  return new Failure('validation_failed', { internal: `mail: ${internal}` })
}
