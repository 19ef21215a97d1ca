/** Which rule a password breaks. Stable, part of the contract. */
export type PasswordFaultCode =
  | 'password_too_short'
  | 'password_too_long'
  | 'password_has_nul'
  | 'password_not_unicode'
  | 'password_needs_upper'
  | 'password_needs_lower'
  | 'password_needs_digit'
  | 'password_needs_special'
  | 'password_common'
  | 'password_personal'
  | 'password_context'
  | 'password_breached'
  | 'former_password'

/** One broken rule. `detail` ends the sentence "The password …", says what would help and never repeats the password. */
export interface PasswordFault {
  readonly code: PasswordFaultCode
  readonly detail: string
}

/** What the caller of a breach check adds when its answer is `breached`. */
export const breachedFault: PasswordFault = {
  code: 'password_breached',
  detail: 'must not have appeared in a known data breach: choose one that was never used anywhere',
}

/** What a recovery adds for a password that the account had before: an intruder may know it. */
export const formerPasswordFault: PasswordFault = {
  code: 'former_password',
  detail: 'must not be one that this account had before: choose a new one',
}
