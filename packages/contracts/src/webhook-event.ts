import { z } from 'zod'
import { formatId, type Id, type IdKind } from './ids.ts'

/** What can be subscribed to: public name -> the audit actions that mean it, and what a receiver is told of it. */
export const webhookEvents = {
  'account.created': { actions: ['user_created'], summary: 'An account came to be: its address was confirmed.' },
  'account.updated': { actions: ['user_updated'], summary: 'An owner changed the name or language of an account.' },
  'account.locked': {
    actions: ['account_locked'],
    summary: 'An account was locked down: nothing issued before opens it.',
  },
  'account.disabled': { actions: ['account_disabled'], summary: 'Staff disabled an account: nothing opens it.' },
  'account.enabled': {
    actions: ['account_enabled', 'account_enabled_locked'],
    summary: 'Staff enabled an account again. One that was locked before is locked still.',
  },
  'account.role_changed': {
    actions: ['account_role_changed', 'admin_bootstrapped'],
    summary: 'An account was given another role.',
  },
  'account.closing': {
    actions: ['account_closing_requested'],
    summary: 'An owner asked to close an account. It works until the grace period is over.',
  },
  'account.kept': {
    actions: ['account_closing_cancelled', 'account_closing_held'],
    summary: 'An account that was to be closed stays: its owner thinks otherwise, or a lockdown held it.',
  },
  'account.closed': {
    actions: ['user_deleted'],
    summary: 'An account is closed for good and its data erased. Erase what you keep of it.',
  },
  'account.exported': {
    actions: ['account_exported'],
    summary: 'An owner was given a copy of all that is kept of them.',
  },
  'account.recovered': { actions: ['account_recovered'], summary: 'The owner is back, and the account active again.' },
  'lockdown.joined': {
    actions: ['account_lockdown_joined'],
    summary: 'Somebody reported an account that is locked down already.',
  },
  'lockdown.contained': {
    actions: ['lockdown_contained'],
    summary: 'Every step of a lockdown was done and read back.',
  },
  'login.succeeded': { actions: ['authn_login_success'], summary: 'Somebody logged in.' },
  'login.failed': { actions: ['authn_login_fail'], summary: 'An attempt to log in failed: a wrong password or code.' },
  'login.throttled': {
    actions: ['authn_login_fail_max'],
    summary: 'Attempts to log in are refused for a while: there were too many.',
  },
  'session.created': { actions: ['session_created'], summary: 'A session was opened.' },
  'session.revoked': {
    actions: ['session_revoked', 'session_evicted'],
    summary: 'A session was ended: by its owner, an admin, or to make room for a newer one.',
  },
  'session.expired': { actions: ['session_expired'], summary: 'A session ran out.' },
  'sessions.revoked': { actions: ['sessions_revoked'], summary: 'All sessions of an account were ended at once.' },
  'password.changed': {
    actions: ['authn_password_change'],
    summary: 'The password was changed or reset. Other sessions have ended.',
  },
  'two_factor.enabled': { actions: ['authn_factor_created'], summary: 'Two-factor login was switched on.' },
  'two_factor.disabled': { actions: ['authn_factor_deleted'], summary: 'Two-factor login was switched off.' },
  'backup_codes.renewed': {
    actions: ['authn_backup_codes_renewed'],
    summary: 'A new set of backup codes took the place of the old.',
  },
  'api_key.created': { actions: ['api_key_created'], summary: 'An API key was made.' },
  'api_key.rotated': { actions: ['api_key_rotated'], summary: 'An API key was given a successor.' },
  'api_key.revoked': { actions: ['api_key_revoked'], summary: 'An API key was revoked.' },
  'api_key.leaked': { actions: ['api_key_leaked'], summary: 'An API key was found in public, and revoked.' },
  'api_key.reused': {
    actions: ['authn_token_reuse'],
    summary: 'Somebody presented an API key that was revoked before.',
  },
  'ssh_key.added': { actions: ['ssh_key_added'], summary: 'An SSH key was added.' },
  'ssh_key.revoked': {
    actions: ['ssh_key_revoked'],
    summary: 'An SSH key was revoked and withdrawn from rented servers.',
  },
  'access.restored': {
    actions: ['sessions_restored', 'api_key_restored', 'ssh_key_restored'],
    summary: 'What a bulk revocation had taken was given back: an admin undid it.',
  },
  'email.change_requested': {
    actions: ['email_change_requested'],
    summary: 'An owner asked to move an account to another address.',
  },
  'email.changed': { actions: ['email_changed'], summary: 'An account has another address now.' },
  'email.change_reverted': {
    actions: ['email_change_reverted'],
    summary: 'The former address of an account was put back.',
  },
  'risk.reported': {
    actions: ['risk_level_change', 'risk_reported'],
    summary: 'The product reported a risk about an account.',
  },
  'transaction.disputed': {
    actions: ['transaction_disputed'],
    summary: 'An owner says of a transaction, after a lockdown, that it was not theirs.',
  },
} as const satisfies Record<string, { readonly actions: readonly string[]; readonly summary: string }>

/** Public name of an event. */
export type WebhookEvent = keyof typeof webhookEvents

/** All of them. */
// Guarantee: they are the keys of that very object.
export const webhookEventNames = Object.keys(webhookEvents) as readonly WebhookEvent[]

/** Sent on demand, to one endpoint. */
export const testEvent = { name: 'webhook.test', action: 'webhook_tested' } as const

const namesByAction = new Map<string, string>([
  ...webhookEventNames.flatMap((name) => webhookEvents[name].actions.map((action): [string, string] => [action, name])),
  [testEvent.action, testEvent.name],
])

/** Public name of what an audit action means; `undefined` for one that is not told. */
export function webhookEventOf(action: string): string | undefined {
  return namesByAction.get(action)
}

/** The audit actions behind names; `*` stands for all. */
export function actionsOf(names: readonly (WebhookEvent | '*')[]): string[] {
  const all = names.includes('*') ? webhookEventNames : names.filter((name) => name !== '*')
  return [...new Set(all.flatMap((name) => webhookEvents[name].actions))]
}

/** The kinds of subject whose ids have a public form. */
const subjectKinds: Readonly<Record<string, IdKind>> = {
  account: 'account',
  account_closing: 'accountClosing',
  account_export: 'operation',
  api_client: 'apiClient',
  api_key: 'apiKey',
  email_change: 'emailChange',
  lockdown: 'lockdown',
  lockdown_item: 'lockdownItem',
  risk_signal: 'riskSignal',
  session: 'session',
  ssh_key: 'sshKey',
  webhook_endpoint: 'webhookEndpoint',
}

/** The id of a subject as callers see it elsewhere: with its prefix where its kind has one. */
export function publicSubjectId(kind: string, id: string): string {
  const idKind = Object.hasOwn(subjectKinds, kind) ? subjectKinds[kind] : undefined
  // Guarantee: an audit event names the kind of the id that it holds.
  return idKind === undefined ? id : formatId(idKind, id as Id<IdKind>)
}

/** What is posted to an endpoint: which event, when, and whom to ask about. Thin: ids, counts and codes only. */
export const webhookPayloadSchema = z
  .strictObject({
    type: z.enum([...webhookEventNames, testEvent.name]).meta({ description: 'What happened.' }),
    timestamp: z.iso
      .datetime()
      .meta({ description: 'When it happened, in UTC.', examples: ['2026-11-22T09:14:07.123Z'] }),
    data: z
      .strictObject({
        id: z.string().meta({
          description: 'Names the event itself, the same for every endpoint.',
          examples: ['evt_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
        }),
        accountId: z
          .string()
          .nullable()
          .meta({ description: 'Whose account.', examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
        subject: z
          .strictObject({
            kind: z.string().meta({ examples: ['session'] }),
            id: z.string().meta({ examples: ['ses_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
          })
          .meta({ description: 'What it happened to.' }),
        actor: z
          .enum(['anonymous', 'account', 'api_client', 'support', 'admin', 'system'])
          .meta({ description: 'Who did it.' }),
        lockdownId: z
          .string()
          .optional()
          .meta({
            description: 'The lockdown that it is part of.',
            examples: ['lck_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
          }),
        details: z
          .record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
          .meta({ description: 'Counts, yes or no, and codes.', examples: [{ because: 'owner' }] }),
      })
      .meta({ description: 'About what. No address, name, secret or network.' }),
  })
  .meta({
    id: 'WebhookEvent',
    description:
      'An event, signed as Standard Webhooks 1.0.0 has it. Ignore fields that you do not know, and events seen before (`webhook-id`).',
  })

/** What is posted to an endpoint. */
export type WebhookPayload = z.output<typeof webhookPayloadSchema>
