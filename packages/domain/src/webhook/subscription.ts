import { Failure } from '@portcullis/contracts/errors'
import { securityEventActions } from '@portcullis/contracts/security-event'
import { actionsOf, type WebhookEvent } from '@portcullis/contracts/webhook-event'
import type { EndpointFormat } from '@portcullis/db/queries/webhook-endpoint'

/**
 * The audit actions that an endpoint of a format is told of, for the names it subscribed to. A receiver of security events
 * hears only what the standards have an event for; by `*` all of that. Throws `Failure('validation_failed')` where nothing is left.
 */
export function subscribedActions(format: EndpointFormat, names: readonly (WebhookEvent | '*')[]): string[] {
  if (format === 'webhook') return actionsOf(names)
  if (names.includes('*')) return [...securityEventActions]
  const actions = actionsOf(names).filter((action) => securityEventActions.includes(action))
  if (actions.length > 0) return actions
  const detail = 'must name at least one event that has a security event'
  throw new Failure('validation_failed', { faults: [{ pointer: '/events', code: 'no_security_event', detail }] })
}
