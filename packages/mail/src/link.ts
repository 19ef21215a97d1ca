import { Failure } from '@portcullis/contracts/errors'

/**
 * The text of a link that may stand in a mail. Refuses (`internal_error`) all but `https:`, and `http:` to this machine
 * itself for development; and a user name in front of the host, which would show another host than it opens. The link
 * is not repeated in the failure.
 */
export function linkText(url: URL): string {
  const local = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) throw refuse('is not https')
  if (url.username !== '' || url.password !== '') throw refuse('names a user')
  return url.href
}

function refuse(rule: string): Failure {
  return new Failure('internal_error', { internal: `mail: a link ${rule}` })
}
