import type { Database } from '@portcullis/db/connect'
import { discardJob, replayJob, replayJobs } from '@portcullis/domain/job/replay'
import type { Route } from '../../http/mount.ts'
import { showJob } from './show.ts'

/** `POST /v1/admin/jobs/{id}/replay`. */
export function replayJobRoute(database: Database): Route<'replayJob'> {
  return async ({ session, caller, params, body }) => {
    const operator = { kind: 'staff', session, caller } as const
    return { status: 200, body: showJob(await replayJob(database, { operator, id: params.id, reason: body.reason })) }
  }
}

/** `POST /v1/admin/jobs/{id}/discard`. */
export function discardJobRoute(database: Database): Route<'discardJob'> {
  return async ({ session, caller, params, body }) => {
    const operator = { kind: 'staff', session, caller } as const
    return { status: 200, body: showJob(await discardJob(database, { operator, id: params.id, reason: body.reason })) }
  }
}

/** `POST /v1/admin/jobs/replay`. */
export function replayJobsRoute(database: Database): Route<'replayJobs'> {
  return async ({ session, caller, body }) => {
    return { status: 200, body: { ...(await replayJobs(database, { kind: 'staff', session, caller }, body)) } }
  }
}
