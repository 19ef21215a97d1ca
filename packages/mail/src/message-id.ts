import { Failure } from '@portcullis/contracts/errors'

/**
 * The Message-ID of a mail, made of what it is about: `<password-reset.0198….@mail.example>`. The same kind and id give
 * the same text, so a mail that was sent twice can be told by its receiver. Refuses (`internal_error`) parts that would
 * need quoting. Source: RFC 5322 section 3.6.4, RFC 1047.
 */
export function messageIdFor(kind: string, id: string, domain: string): string {
  const fits =
    /^[a-z]+(-[a-z]+)*$/.test(kind) &&
    /^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/.test(id) &&
    /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(domain)
  if (!fits) throw new Failure('internal_error', { internal: 'mail: a part of the Message-ID is not a plain word' })
  return `<${kind}.${id}@${domain}>`
}
