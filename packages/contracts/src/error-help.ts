import type { ErrorCode } from './errors.ts'

/** What the documentation says of a refusal. */
export interface ErrorHelp {
  /** When it is given, and what was left unchanged. */
  readonly meaning: string
  /** What a caller can do about it. */
  readonly remedy: string
}

/** Documentation of the whole catalogue: a code without it does not compile. No refusal changes anything. */
export const errorHelp: Readonly<Record<ErrorCode, ErrorHelp>> = {
  malformed_request: {
    meaning: 'The body is not JSON in UTF-8, ended early, or the request itself breaks the rules of HTTP.',
    remedy: 'Send one whole JSON value. An empty body is not JSON.',
  },
  credential_required: {
    meaning:
      'The credential is missing, wrong, expired, revoked, or void since the account was secured. Which of these is not told.',
    remedy: 'Log in, and send the new token as Authorization: Bearer, or as the cookie.',
  },
  login_refused: {
    meaning: 'The address is unknown, or the password or code is wrong, or the account is closed to logins: all alike.',
    remedy: 'Check what was typed, or ask for a reset mail.',
  },
  reauthentication_required: {
    meaning: 'This call is sensitive, and the last proof that it is you is older than 10 minutes.',
    remedy: 'Call POST /v1/account/session/proof, then repeat the call with the new token.',
  },
  proof_refused: {
    meaning:
      'The password or the code that was to prove it is wrong, or a code is missing. The session stays as it was.',
    remedy: 'Try again with the right ones. Wrong ones are counted.',
  },
  scope_missing: {
    meaning:
      'The credential is alive, but not for this call: an API key without the scope or on a call that takes a session, a client without the scope. No API key can touch a credential.',
    remedy: 'Log in and use a session, or use a key or client with the scope.',
  },
  not_allowed: {
    meaning: 'The call is for support or admins, and the account of this session has another role.',
    remedy: 'Use an account of that role. Trying again does not help.',
  },
  second_factor_required: {
    meaning: 'Support and admins act only in a session that was opened with a second factor; this one was not.',
    remedy:
      'Where two-factor login is off, set it up in this session: it is then enough. Where it is on, log in again with a code.',
  },
  two_factor_mandatory: {
    meaning: 'Accounts of admins and support must keep their second factor.',
    remedy: 'Have the role changed first.',
  },
  factor_required: {
    meaning:
      'The account was locked by such a link within 24 hours already. A second time, the link alone is not enough, so that nobody can lock an owner out again and again.',
    remedy: 'Send the password or a code of the account beside the token.',
  },
  cross_site_refused: {
    meaning: 'A browser sent this from a page of another site, with the cookie of this one.',
    remedy: 'Call from the pages of the service itself, or with Authorization: Bearer.',
  },
  not_found: {
    meaning: 'No such address, or a thing that belongs to somebody else: both are answered alike.',
    remedy: 'Check the address, to the letter and without a slash at its end.',
  },
  method_not_allowed: {
    meaning:
      'The address exists, but not for this method. There is no CORS preflight: browsers of other sites are not served.',
    remedy: 'Use a method that the header Allow names.',
  },
  two_factor_is_on: {
    meaning: 'The account has an active authenticator app. Its secret is never shown again.',
    remedy: 'Switch two-factor off first, with a current code, to enrol another app.',
  },
  two_factor_not_begun: {
    meaning: 'No enrolment is under way (it lives 10 minutes), or two-factor is off.',
    remedy: 'Begin with POST /v1/account/two-factor.',
  },
  staff_account: {
    meaning: 'Accounts of admins and support stay as long as they have that role, so that there always is an admin.',
    remedy: 'Have the role changed first.',
  },
  own_account: {
    meaning: 'Role and state of the account that asks cannot be changed by itself.',
    remedy: 'Ask another admin.',
  },
  account_is_locked: {
    meaning: 'The account is under a lockdown. Nobody of the staff can end it.',
    remedy: 'Its owner recovers it with the mailed link. A reset started on behalf mails that link again.',
  },
  job_not_dead: {
    meaning: 'Only a job that was given up can be replayed or discarded. This one waits, is at work, or is done.',
    remedy: 'Read it again with `GET /v1/admin/jobs`. One that waits is handed out by itself when it is due.',
  },
  limit_reached: {
    meaning: 'The account has as many of them active as it may: three API keys, three SSH keys.',
    remedy: 'Revoke one that is not needed, then try again.',
  },
  out_of_order: {
    meaning: 'This step comes before or after the one that is due: a recovery goes on where it stands.',
    remedy: 'Begin the recovery again with the mailed link; it tells which step is due.',
  },
  cooling_down: {
    meaning:
      'The address of the account was changed within the last 7 days. So long the old mailbox can take that back, and this cannot be done.',
    remedy: 'Wait until the 7 days are over, or take the change back from the old mailbox.',
  },
  already_rotated: {
    meaning: 'The key has a successor, and only lives on for the overlap.',
    remedy: 'Rotate its successor, or revoke it.',
  },
  already_there: {
    meaning:
      'The account has this very SSH key, or the name of the rental was given to another one, past ones included.',
    remedy: 'Use the one that is there. A new rental needs a new name.',
  },
  body_too_large: {
    meaning:
      'The body is longer than this server takes, 16 KiB unless it was set up otherwise. It was not read to its end.',
    remedy: 'Send less. No call needs that much.',
  },
  unsupported_media_type: {
    meaning:
      'Only application/json in UTF-8 and without compression is taken: a form or plain text could be sent by a foreign page. Introspection and revocation take a form, as their RFCs have it, and nothing else.',
    remedy: 'Send Content-Type: application/json and no Content-Encoding.',
  },
  host_unknown: {
    meaning:
      'The host that the request names is not one of this server. Links in mails never come from it, and it is refused all the same.',
    remedy:
      'Use the public address of the service. Behind a proxy, pass the original host on, or add it to ALLOWED_HOSTS.',
  },
  validation_failed: {
    meaning:
      'A field is missing, unknown, sent twice, of the wrong type or breaks a rule. All such faults are told at once.',
    remedy:
      'Mend what `errors` lists. Each entry has the place as a JSON Pointer, a stable code, and the rule in words.',
  },
  password_refused: {
    meaning: 'The new password breaks the policy. Every reason is told at once; a reset token stays as it was.',
    remedy: 'Show the reasons in `errors` and ask for another password.',
  },
  token_invalid: {
    meaning:
      'The token is wrong, used, expired, cut, made for something else, or overtaken by a newer one. Which of these is not told.',
    remedy: 'Ask for a new mail.',
  },
  code_refused: {
    meaning: 'The code does not fit, was used before, or belongs to a step that is over. Which of these is not told.',
    remedy: 'Wait for the next code of the app, or use a backup code. Wrong ones are counted.',
  },
  idempotency_key_reused: {
    meaning: 'Within the last 24 hours this Idempotency-Key came with a request that said something else.',
    remedy: 'Make a new key for each new thing; repeat a request with its own key and the very same body.',
  },
  rate_limited: {
    meaning: 'Too much at once. The header Retry-After says when to come back.',
    remedy: 'Wait that many seconds, then send the same request again.',
  },
  internal_error: {
    meaning: 'A fault of ours. It is in our log under the request id; nothing of it is told here.',
    remedy: 'Try again with the same Idempotency-Key. If it stays, tell us the requestId.',
  },
  store_unavailable: {
    meaning:
      'The store cannot be reached, so nothing can be promised. Only if the connection broke in the last instant may the change stand.',
    remedy:
      'Wait for Retry-After seconds and send the same request with the same Idempotency-Key: it is then done once.',
  },
}
