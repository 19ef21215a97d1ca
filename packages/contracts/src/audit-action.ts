import type { testEvent, WebhookEvent, webhookEvents } from './webhook-event.ts'

/**
 * What is recorded and told to no receiver of webhooks: it is a step of something that is told, concerns the house and no
 * account, or would only help who listens. Whoever makes a new action decides: here, or in `webhook-event.ts`; else the code
 * that records it does not compile.
 */
export const untoldActions = [
  // Told as security events, which have a word for them, and as what comes of them.
  'account_recovery_begun',
  'authn_password_compromised',
  'password_reset_started',
  // Steps of what is told when it has come about.
  'account_closed',
  'account_export_fetched',
  'account_export_requested',
  'account_recovery_factor_skipped',
  'api_key_renamed',
  'authn_factor_enrolment_begun',
  'authn_impossible_travel',
  'authn_login_challenged',
  'authn_login_successafterfail',
  'authn_reauthentication_fail',
  'email_change_final',
  'email_change_void',
  'lockdown_step_proven',
  'notification_preferences_changed',
  'other_sessions_revoked',
  'session_renewed',
  'ssh_key_deployed',
  'ssh_key_renamed',
  'ssh_key_withdrawal_confirmed',
  // What tells of mailboxes and registrations, whether or not there is an account.
  'account_recovery_requested',
  'authn_password_reset_requested',
  'authn_password_reset_superseded',
  'authn_password_reset_unmatched',
  'authn_token_created',
  'authn_token_revoked',
  'excess_rate_limit_exceeded',
  'mail_refused',
  'mail_sent',
  'user_registration_mail_prepared',
  'user_registration_overtaken',
  'user_registration_requested',
  // The house and its staff.
  'account_inspected',
  'accounts_searched',
  'admin_bootstrap_issued',
  'api_client_created',
  'api_client_leaked',
  'api_client_revoked',
  'api_client_updated',
  'audit_exported',
  'job_discarded',
  'job_replayed',
  'jobs_replayed',
  'queue_paused',
  'queue_resumed',
  'revocation_approved',
  'revocation_cancelled',
  'revocation_done',
  'revocation_drafted',
  'revocation_paused',
  'revocation_resumed',
  'revocation_started',
  'revocation_undo_started',
  'revocation_undone',
  'rental_ended',
  'rental_started',
  'rental_updated',
  'secrets_resealed',
  'support_not_configured',
  'support_told',
  'sweep_requested',
  'webhook_dead',
  'webhook_endpoint_created',
  'webhook_endpoint_deleted',
  'webhook_endpoint_disabled',
  'webhook_endpoint_updated',
  'webhook_replayed',
  'webhook_secret_rotated',
] as const

/** A kind of fact. OWASP logging vocabulary where it has a word. */
export type AuditAction =
  | (typeof webhookEvents)[WebhookEvent]['actions'][number]
  | (typeof testEvent)['action']
  | (typeof untoldActions)[number]
