const longestChars = 4096

/** What a terminal or a log viewer may take for a new line, a colour or a change of direction: C0, C1, bidi, separators. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
const userInfo = /:\/\/[^\s/@?#]{1,512}@/g
const queryOrFragment = /([a-z][a-z0-9+.-]{1,20}:\/\/[^\s?#"'<>]{1,2048})[?#][^\s"'<>]*/gi
const mailAddress = /[^\s<>"'(),:;@[\]]{0,63}[^\s<>"'(),:;@[\]/]@(?!\d+\.\d+)[^\s<>"'(),:;@/]{1,255}/gu

/**
 * Makes text fit for a log: at most 4,096 characters; control, direction and line-separator characters written as `\uXXXX`
 * (line feed and tab stay, JSON escapes them); user and password, query and fragment of URLs, and mail addresses taken out.
 * It is a net below careful callers, not a licence: a bare password in a sentence cannot be told from a word.
 *
 * Source: OWASP ASVS 5 16.4.1 (log injection), 16.2.5.
 */
export function cleanText(text: string): string {
  let clean = text.length > longestChars ? `${text.slice(0, longestChars)}… (${text.length} characters)` : text
  if (clean.includes('://')) {
    clean = clean.replace(userInfo, '://[redacted]@').replace(queryOrFragment, '$1?[redacted]')
  }
  if (clean.includes('@')) clean = clean.replace(mailAddress, '[address]')
  return clean.replace(unseen, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
