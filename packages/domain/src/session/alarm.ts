import type { AuditAction } from '@portcullis/contracts/audit-action'
import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { LoginHistory } from '@portcullis/db/queries/login-history'
import { leastDistanceKm } from '@portcullis/runtime/distance'

/** What about a login its owner must be told. */
export interface LoginAlarm {
  readonly kind: NoticeKind
  /** What the mail says besides. */
  readonly details: Record<string, unknown>
  /** What the audit log calls it, where it has a word (OWASP logging vocabulary). */
  readonly action?: AuditAction
}

/** Nobody travels faster between two countries: an airliner with the wind behind it. */
const fastestKmPerHour = 1000
/** Addresses near a border are easily taken for the other side's, and clocks of networks differ. */
const slackKm = 500
const failuresMost = 4
const quietDays = 90

/**
 * Pure: the gravest thing about a login that the history did not lead to expect, if there is any. A first login, of which
 * there is nothing to compare, is none. Source: ASVS 5 6.3.5.
 */
export function judgeLogin(history: LoginHistory, country: string | null): LoginAlarm | undefined {
  return (
    findTravel(history, country) ??
    findFailures(history) ??
    findAbsence(history) ??
    (history.logins > 0 ? findNews(history, country) : undefined)
  )
}

/** Two logins from places that lie further apart than anybody travels in the time between them. */
function findTravel({ lastCountry, lastSecondsAgo }: LoginHistory, country: string | null): LoginAlarm | undefined {
  if (country === null || lastCountry === null || lastSecondsAgo === null) return undefined
  const apartKm = leastDistanceKm(lastCountry, country) ?? 0
  if (apartKm - slackKm <= (lastSecondsAgo / 3600) * fastestKmPerHour) return undefined
  return {
    kind: 'impossible_travel',
    details: { formerCountry: lastCountry, minutesBetween: Math.round(lastSecondsAgo / 60) },
    action: 'authn_impossible_travel',
  }
}

function findFailures({ failures }: LoginHistory): LoginAlarm | undefined {
  if (failures <= failuresMost) return undefined
  return { kind: 'login_after_failures', details: { failures }, action: 'authn_login_successafterfail' }
}

function findAbsence({ lastSecondsAgo, accountDays }: LoginHistory): LoginAlarm | undefined {
  const inactiveDays = Math.floor(lastSecondsAgo === null ? accountDays : lastSecondsAgo / 86_400)
  return inactiveDays > quietDays ? { kind: 'login_after_absence', details: { inactiveDays } } : undefined
}

function findNews({ fromDevice, fromCountry }: LoginHistory, country: string | null): LoginAlarm | undefined {
  if (country !== null && fromCountry === 0) return { kind: 'new_country', details: {} }
  return fromDevice === 0 ? { kind: 'new_device', details: {} } : undefined
}
