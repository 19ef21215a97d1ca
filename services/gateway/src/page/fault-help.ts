import type { EmailFaultCode } from '@portcullis/domain/email/address'
import type { PasswordFaultCode } from '@portcullis/domain/password/fault'

/** Codes that stand in `errors` beside `validation_failed`, with the rule that was broken. */
export const fieldFaultHelp: Readonly<Record<string, string>> = {
  required: 'The field is missing.',
  wrong_type: 'A value of another type: text, number, list or object.',
  unknown_field: 'The call has no such field. Fields that only we may set are unknown, too.',
  duplicate_field: 'The same name stands twice in one object.',
  too_small: 'Empty, or shorter than the field takes.',
  too_long: 'Longer than the field takes.',
  wrong_form: 'Not of the form that the field has.',
  invalid: 'Breaks the rule that detail names.',
  one_of: 'One of two fields is to be sent: neither was, or both.',
  in_the_future: 'A moment that has not come yet.',
  unknown_item: 'Not an item of this lockdown.',
  duplicate_item: 'The same item stands twice in one list.',
  unknown_parameter: 'The call takes no query parameters. Secrets never belong there.',
  idempotency_key_invalid: 'Idempotency-Key is not 1 to 255 printable ASCII characters without spaces.',
}

/** Why an address is refused. */
export const emailFaultHelp: Readonly<Record<EmailFaultCode, string>> = {
  email_too_long: 'More than 254 octets.',
  email_forbidden_character: 'Spaces, invisible or control characters, quotes, brackets, or any of , : ; % ! | \\',
  email_needs_one_at: 'None or several @: one request names one address.',
  email_local_part_invalid: 'An unusable name before the @.',
  email_local_part_too_long: 'More than 64 octets before the @.',
  email_domain_invalid: 'A domain that cannot exist.',
  email_domain_needs_dot: 'A domain without a dot.',
  email_domain_is_ip: 'An IP address in place of a domain.',
}

/** Why a password is refused. */
export const passwordFaultHelp: Readonly<Record<PasswordFaultCode, string>> = {
  password_too_short: 'Fewer characters than the policy asks for.',
  password_too_long: 'More than 128 characters. Nothing is ever cut.',
  password_has_nul: 'Holds the character NUL.',
  password_not_unicode: 'Holds half of a character.',
  password_needs_upper: 'No upper-case letter.',
  password_needs_lower: 'No lower-case letter.',
  password_needs_digit: 'No digit.',
  password_needs_special: 'Only letters and digits.',
  password_common: 'One that is guessed first, also in disguise: P@ssw0rd1! is password.',
  password_personal: 'Made from the name or the address of its owner.',
  password_context: 'Made from the name of the service.',
  password_breached: 'Appeared in a known data breach.',
  former_password: 'The account had it before its lockdown: an intruder may know it.',
}
