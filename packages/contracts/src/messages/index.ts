import type { z } from 'zod'
import type { Service } from '../service.ts'
import { anchorSeal } from './anchor-seal.ts'
import { closeAccounts } from './close-accounts.ts'
import { deliverWebhook } from './deliver-webhook.ts'
import { emailChanging } from './email-changing.ts'
import { makeExport } from './make-export.ts'
import { purgeExpired } from './purge-expired.ts'
import { registrationRequested } from './registration-requested.ts'
import { resealSecrets } from './reseal-secrets.ts'
import { resetRequested } from './reset-requested.ts'
import { runLockdown } from './run-lockdown.ts'
import { runRevocation } from './run-revocation.ts'
import { sealAudit } from './seal-audit.ts'
import { sendNotice } from './send-notice.ts'
import { sweepSessions } from './sweep-sessions.ts'
import { tellSupport } from './tell-support.ts'
import { watchLockdowns } from './watch-lockdowns.ts'

/** All that is ever said in the house: the table of contents, and the relay's whole routing table. */
export const messages = {
  'reset.requested': resetRequested,
  'registration.requested': registrationRequested,
  'email.changing': emailChanging,
  'send.notice': sendNotice,
  'deliver.webhook': deliverWebhook,
  'tell.support': tellSupport,
  'seal.audit': sealAudit,
  'anchor.seal': anchorSeal,
  'sweep.sessions': sweepSessions,
  'purge.expired': purgeExpired,
  'reseal.secrets': resealSecrets,
  'close.accounts': closeAccounts,
  'make.export': makeExport,
  'run.lockdown': runLockdown,
  'watch.lockdowns': watchLockdowns,
  'run.revocation': runRevocation,
} as const

/** All messages, by name. */
export type Messages = typeof messages

/** Name of a message. */
export type MessageName = keyof Messages

/** What a message carries, in the version written now. */
export type Payload<Name extends MessageName> = z.output<Messages[Name]['payloads'][1]>

/** The names of the messages that `S` hears. */
export type HeardBy<S extends Service> = {
  [Name in MessageName]: S extends Messages[Name]['heardBy'][number] ? Name : never
}[MessageName]

/** The message of that name, or `undefined` when this release does not know it. */
export function findMessage(name: string): Messages[MessageName] | undefined {
  return Object.hasOwn(messages, name) ? messages[name as MessageName] : undefined
}
