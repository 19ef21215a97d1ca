/** How a kind of notice is treated. */
interface NoticeTraits {
  /** Cannot be switched off, and carries a "this wasn't me" link. Source: ASVS 5 6.3.7, NIST SP 800-63B-4 4.6. */
  readonly security: boolean
  /** Told at once; others wait a moment, so that a burst becomes one mail. */
  readonly urgent: boolean
}

const security: NoticeTraits = { security: true, urgent: false }
const urgent: NoticeTraits = { security: true, urgent: true }
const courtesy: NoticeTraits = { security: false, urgent: false }

/** All that an owner may be told of: the catalogue of notices. */
export const notices = {
  password_changed: urgent,
  new_device: security,
  new_country: security,
  impossible_travel: urgent,
  login_after_failures: security,
  login_after_absence: security,
  second_factor_failed: security,
  two_factor_enabled: security,
  two_factor_disabled: urgent,
  backup_codes_renewed: security,
  backup_code_used: security,
  api_key_created: security,
  api_key_revoked: security,
  api_key_reused: security,
  api_key_leaked: urgent,
  ssh_key_added: security,
  email_change_requested: urgent,
  email_changed: urgent,
  email_change_reverted: urgent,
  risk_reported: security,
  account_locked: urgent,
  account_recovered: urgent,
  account_disabled: urgent,
  account_closing: urgent,
  account_closed: urgent,
  role_changed: security,
  data_exported: security,
  sessions_revoked: security,
  keys_revoked: security,
  access_restored: security,
  backup_codes_low: courtesy,
  api_key_expiring: courtesy,
  ssh_key_deployed: courtesy,
} as const satisfies Record<string, NoticeTraits>

/** What a notice is about. */
export type NoticeKind = keyof typeof notices

/** What a notice may be about. */
export const noticeKinds = Object.keys(notices) as readonly NoticeKind[]
