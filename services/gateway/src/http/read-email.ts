import { Failure } from '@portcullis/contracts/errors'
import { parseEmail } from '@portcullis/domain/email/address'

/** Reads an address of a body, or refuses it with its rule. */
export function readEmail(text: string): { readonly address: string; readonly key: string } {
  const email = parseEmail(text)
  if (email.ok) return email
  throw new Failure('validation_failed', { faults: [{ pointer: '/email', code: email.code, detail: email.detail }] })
}
