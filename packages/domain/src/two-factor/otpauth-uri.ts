import { encodeBase32 } from './base32.ts'

/** What the authenticator app shows beside the codes, and the secret it makes them of. */
export interface OtpauthLabel {
  /** The product's name. Shown up to 32 characters; must hold something that can be seen. */
  readonly issuer: string
  /** Whose account: the e-mail address. Shown up to 100 characters. */
  readonly account: string
  readonly secret: Uint8Array
}

/** With every character at its longest, a QR code (2331 bytes at correction level M) still holds the whole. */
const issuerCharactersMost = 32
const accountCharactersMost = 100

/**
 * The `otpauth:` URI of a time-based factor (SHA-1, six digits, 30 seconds), for a QR code or a link on the same device. It holds
 * the secret: shown once, never logged. A colon would end the issuer, and a control or direction-changing character
 * could show another name than there is: these are taken out; all else is percent-encoded. Throws `Error` for an empty issuer.
 * Source: Google Authenticator key URI format; draft-linuxgemini-otpauth-uri.
 */
export function otpauthUri(label: OtpauthLabel): string {
  const issuer = encode(shown(label.issuer, issuerCharactersMost))
  if (issuer === '') throw new Error('an otpauth URI needs an issuer')
  // Apps show a path's `@` as it is, and some show `%40` so as well.
  const account = encode(shown(label.account, accountCharactersMost)).replaceAll('%40', '@')
  const secret = encodeBase32(label.secret)
  return `otpauth://totp/${issuer}:${account}?secret=${secret}&issuer=${issuer}&algorithm=SHA1&digits=6&period=30`
}

function shown(text: string, most: number): string {
  const clean = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}:]/gu, ' ').replaceAll(/\p{Z}+/gu, ' ')
  return [...clean.trim()].slice(0, most).join('').trimEnd()
}

/** RFC 3986, reserved characters included, which `encodeURIComponent` leaves in part. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
