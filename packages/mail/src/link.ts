import { Failure } from '@portcullis/contracts/errors'

/**
 * Whether a link may stand in a mail: `https:`, or `http:` to this machine itself for development; and no user name in
 * front of the host, which would show another host than it opens.
 */
export function isLink(url: URL): boolean {
  const local = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.')
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && local)
  return secure && url.username === '' && url.password === ''
}

/** The text of a link that may stand in a mail; throws (`internal_error`) for any other, without repeating it. */
export function linkText(url: URL): string {
  if (!isLink(url)) throw new Failure('internal_error', { internal: 'mail: a link is not https, or names a user' })
  return url.href
}
