import { isSshKeyType } from './type.ts'

const commentForm = /^[a-z][a-z0-9-]{0,31}:[A-Za-z0-9_-]{1,64}$/
/** Every blob begins with the length of its type's name, which is under 256: three zero bytes, `AAAA` in base64. */
const dataForm = /^AAAA[A-Za-z0-9+/]+={0,2}$/

/**
 * One line of an authorized_keys file, without its newline: a stored canonical key and a comment of ours, `service:key-id`. A
 * name or comment that a person typed has no way in. Throws `RangeError` where either part is not of its exact form, so that a
 * row spoilt in the store opens nothing: the caller then answers with no line at all.
 * Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT.
 */
export function authorizedKeysLine(canonical: string, comment: string): string {
  const [type = '', data = '', ...more] = canonical.split(' ')
  if (!isSshKeyType(type) || !dataForm.test(data) || more.length > 0) throw new RangeError('not a canonical SSH key')
  if (!commentForm.test(comment)) throw new RangeError('not a comment of the form service:key-id')
  return `${type} ${data} ${comment}`
}
