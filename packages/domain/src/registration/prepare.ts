import type { Id } from '@portcullis/contracts/ids'
import {
  findRegistrationForUpdate,
  type RegistrationWithAccount,
  updateRegistrationDecided,
} from '@portcullis/db/queries/registration'
import type { Tx } from '@portcullis/db/transaction'
import { recordFacts } from '../audit/record.ts'
import { type TokenKeys, tokenOfRow } from '../token/mailed-token.ts'

/** Settings of registration mails. */
export interface RegistrationSettings extends TokenKeys {
  /** Mails to one address within an hour. */
  readonly limitPerHour: number
}

/** What is to be mailed because of a registration. A token stays in memory. */
export type PreparedRegistration =
  | { readonly kind: 'confirm'; readonly email: string; readonly name: string; readonly token: string }
  | {
      readonly kind: 'exists'
      readonly accountId: Id<'account'>
      readonly email: string
      readonly name: string
      /** The owner's, see `readLanguage`. */
      readonly language: string
      readonly requestedAt: Date
      readonly ip: string | null
      readonly userAgent: string | null
    }
  | { readonly kind: 'none'; readonly why: 'limited' | 'expired' | 'confirmed' | 'gone' }

/** Decides what the owner of the address is mailed; the same again when repeated after a crash. */
export async function prepareRegistration(
  tx: Tx,
  id: Id<'registration'>,
  settings: RegistrationSettings,
): Promise<PreparedRegistration> {
  const found = await findRegistrationForUpdate(tx, id)
  if (!found) return { kind: 'none', why: 'gone' }
  if (found.expired) return { kind: 'none', why: 'expired' }
  if (found.state === 'confirmed' || found.state === 'limited') return { kind: 'none', why: found.state }
  const state = judgeRegistration(found, settings.limitPerHour)
  const made = tokenOfRow(settings, 'email-verification', { ...found, id })
  if (found.state === 'requested') {
    await updateRegistrationDecided(tx, id, state, state === 'ready' ? made.hash : null)
    await recordFacts(tx, [
      {
        action: state === 'limited' ? 'excess_rate_limit_exceeded' : 'user_registration_mail_prepared',
        accountId: found.accountId,
        actor: 'system',
        subject: { kind: 'registration', id },
        details: { state },
      },
    ])
  }
  if (state === 'limited') return { kind: 'none', why: 'limited' }
  const { accountId, accountEmail, accountName, accountLanguage, requestedAt, ip, userAgent } = found
  if (state === 'ready') return { kind: 'confirm', email: found.email, name: found.name, token: made.token }
  if (accountId === null || accountEmail === null || accountName === null || accountLanguage === null) {
    return { kind: 'none', why: 'gone' }
  }
  // To the address of the account, not to the one that was typed.
  const owner = { accountId, email: accountEmail, name: accountName, language: accountLanguage }
  return { kind: 'exists', ...owner, requestedAt, ip, userAgent }
}

/** Pure: what a registration comes to. One that was decided before stays as it was. */
export function judgeRegistration(
  found: Pick<RegistrationWithAccount, 'state' | 'accountId' | 'readyLastHour'>,
  limitPerHour: number,
): 'ready' | 'taken' | 'limited' {
  if (found.state === 'ready' || found.state === 'taken') return found.state
  if (found.readyLastHour >= limitPerHour) return 'limited'
  return found.accountId === null ? 'ready' : 'taken'
}
