import { sha256 } from '@portcullis/runtime/digest'
import { randomToken } from '@portcullis/runtime/random'

/** A rental's token, and what the store keeps of it. */
export interface RentalToken {
  /** `prt_` and 256 random bits as base64url: shown once, in the answer that makes the rental. */
  readonly token: string
  /** SHA-256 of the whole token: 32 bytes. */
  readonly hash: Buffer
}

const form = /^prt_[A-Za-z0-9_-]{43}$/

/** A new token with which a rented server asks for its keys. Opens nothing else. Source: OWASP ASVS 5 11.5.1. */
export function newRentalToken(): RentalToken {
  const token = `prt_${randomToken()}`
  return { token, hash: sha256(token) }
}

/** What the store knows a token by; `undefined` for what this house never made, which needs no look-up. */
export function rentalTokenHash(token: string): Buffer | undefined {
  return form.test(token) ? sha256(token) : undefined
}
