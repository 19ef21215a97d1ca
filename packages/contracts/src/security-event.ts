import type { AuditAction } from './audit-action.ts'

/**
 * Security events as other systems understand them: OpenID CAEP 1.0, RISC 1.0 and SSF 1.0, carried by security event
 * tokens (RFC 8417). Here stands which audit action means which event; what has no entry is not told.
 */
const caep = 'https://schemas.openid.net/secevent/caep/event-type/'
const risc = 'https://schemas.openid.net/secevent/risc/event-type/'
const ssf = 'https://schemas.openid.net/secevent/ssf/event-type/'

/** What an event is made from. */
export interface SecurityFact {
  readonly action: string
  readonly occurredAt: Date
  readonly actor: 'anonymous' | 'account' | 'api_client' | 'support' | 'admin' | 'system'
  /** Of the audit event, as callers know it. */
  readonly publicId: string
  readonly details: Readonly<Record<string, unknown>>
}

/** What a kind of fact becomes. */
export interface SecurityEventRule {
  /** The event type: an absolute URI. */
  readonly type: string
  /** Whom it is about: an account, one session of it, or the stream itself. */
  readonly about: 'account' | 'session' | 'stream'
  readonly claims: (fact: SecurityFact) => Readonly<Record<string, unknown>>
}

const entities = {
  anonymous: 'user',
  account: 'user',
  support: 'admin',
  admin: 'admin',
  api_client: 'policy',
  system: 'system',
} as const satisfies Record<SecurityFact['actor'], string>

/** Seconds since 1970, as the profile writes moments. */
function secondsOf(at: Date): number {
  return Math.floor(at.getTime() / 1000)
}

/** An event of CAEP, with the claims that all of them may have. */
function caepEvent(
  name: string,
  about: 'account' | 'session',
  claims: (fact: SecurityFact) => Readonly<Record<string, unknown>> = () => ({}),
): SecurityEventRule {
  return {
    type: caep + name,
    about,
    claims: (fact) => ({
      ...claims(fact),
      event_timestamp: secondsOf(fact.occurredAt),
      initiating_entity: entities[fact.actor],
    }),
  }
}

function credentialChange(credential: string, change: 'create' | 'revoke' | 'update' | 'delete'): SecurityEventRule {
  return caepEvent('credential-change', 'account', () => ({ credential_type: credential, change_type: change }))
}

function riscEvent(name: string, claims: SecurityEventRule['claims'] = () => ({})): SecurityEventRule {
  return { type: risc + name, about: 'account', claims }
}

const riskLevels: Readonly<Record<string, string>> = { low: 'LOW', medium: 'MEDIUM', high: 'HIGH' }

function riskClaims({ details }: SecurityFact): Readonly<Record<string, unknown>> {
  const { level, previousLevel, reason } = details
  return {
    principal: 'USER',
    current_level: riskLevels[String(level)] ?? 'HIGH',
    ...(typeof previousLevel === 'string' && { previous_level: riskLevels[previousLevel] }),
    ...(typeof reason === 'string' && { risk_reason: reason }),
  }
}

const verification: SecurityEventRule = {
  type: `${ssf}verification`,
  about: 'stream',
  claims: ({ publicId }) => ({ state: publicId }),
}

/** What a token of an account says of its role. Source: CAEP 1.0 (token-claims-change). */
function roleClaims({ action, details }: SecurityFact): Readonly<Record<string, unknown>> {
  return { claims: { role: action === 'admin_bootstrapped' ? 'admin' : details['to'] } }
}

/**
 * Audit action -> security event. One action becomes one event, so of what switches two-factor login only the credential
 * is told, not the level of assurance that follows from it.
 */
const rules = {
  session_created: caepEvent('session-established', 'session'),
  session_revoked: caepEvent('session-revoked', 'session'),
  session_evicted: caepEvent('session-revoked', 'session'),
  session_expired: caepEvent('session-revoked', 'session'),
  // The subject is the account: it covers every session of it.
  sessions_revoked: caepEvent('session-revoked', 'account'),
  authn_password_change: credentialChange('password', 'update'),
  authn_factor_created: credentialChange('app', 'create'),
  authn_factor_deleted: credentialChange('app', 'delete'),
  authn_backup_codes_renewed: credentialChange('backup-code', 'update'),
  api_key_created: credentialChange('api-key', 'create'),
  api_key_rotated: credentialChange('api-key', 'update'),
  api_key_revoked: credentialChange('api-key', 'revoke'),
  ssh_key_added: credentialChange('ssh-key', 'create'),
  ssh_key_revoked: credentialChange('ssh-key', 'revoke'),
  risk_level_change: caepEvent('risk-level-change', 'account', riskClaims),
  email_changed: riscEvent('recovery-information-changed'),
  email_change_reverted: riscEvent('recovery-information-changed'),
  password_reset_started: riscEvent('recovery-activated'),
  account_recovery_begun: riscEvent('recovery-activated'),
  authn_password_compromised: riscEvent('account-credential-change-required'),
  api_key_leaked: riscEvent('credential-compromise', ({ occurredAt }) => ({
    credential_type: 'api-key',
    event_timestamp: secondsOf(occurredAt),
  })),
  account_locked: riscEvent('account-disabled', () => ({ reason: 'hijacking' })),
  account_recovered: riscEvent('account-enabled'),
  // By staff, or as its owner closes it: none of the reasons that RISC names.
  account_disabled: riscEvent('account-disabled'),
  account_closed: riscEvent('account-disabled'),
  account_enabled: riscEvent('account-enabled'),
  account_role_changed: caepEvent('token-claims-change', 'account', roleClaims),
  admin_bootstrapped: caepEvent('token-claims-change', 'account', roleClaims),
  user_deleted: riscEvent('account-purged'),
  webhook_endpoint_created: verification,
  webhook_tested: verification,
} satisfies { readonly [Action in AuditAction]?: SecurityEventRule }

const rulesByAction = new Map<string, SecurityEventRule>(Object.entries(rules))

/** What an audit action means to a receiver of security events; `undefined` for what is not told. */
export function securityEventOf(action: string): SecurityEventRule | undefined {
  return rulesByAction.get(action)
}

/** The audit actions that can be subscribed to: all but those that verify a stream. */
export const securityEventActions: readonly string[] = [...rulesByAction].flatMap(([action, { about }]) =>
  about === 'stream' ? [] : [action],
)

/** Every type of event that is ever sent. */
export const securityEventTypes: readonly string[] = [...new Set(Object.values(rules).map(({ type }) => type))]
