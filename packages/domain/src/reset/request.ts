import { resetRequested } from '@portcullis/contracts/messages/reset-requested'
import type { Queries } from '@portcullis/db/connect'
import { insertResetRequests } from '@portcullis/db/queries/password-reset'
import { newId } from '@portcullis/runtime/id'
import { randomBytesOf } from '@portcullis/runtime/random'
import type { Caller } from '../caller.ts'

/** Somebody asks for a reset mail. */
export interface ResetRequest {
  /** Uniqueness key of the address asked for; see `email/address`. */
  readonly emailKey: string
  readonly caller: Caller
}

/**
 * Accepts requests: state, audit event and job of each in one statement. No account is looked up, so the answer and
 * its time tell nothing (OWASP Forgot Password; ASVS 5 6.3.8). All are accepted, or none.
 */
export async function requestPasswordResets(queries: Queries, requests: readonly ResetRequest[]): Promise<void> {
  await insertResetRequests(
    queries,
    requests.map(({ emailKey, caller }) => ({
      id: newId('passwordReset'),
      emailKey,
      salt: randomBytesOf(16),
      ip: caller.ip,
      userAgent: caller.userAgent,
      requestId: caller.requestId,
      auditEventId: newId('auditEvent'),
      jobId: newId('job'),
      traceparent: caller.traceparent,
    })),
    {
      message: resetRequested.name,
      version: resetRequested.version,
      hearer: resetRequested.heardBy[0],
      priority: resetRequested.priority,
    },
  )
}
