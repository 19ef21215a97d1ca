import { Failure } from '@portcullis/contracts/errors'
import { lockByOwner } from '@portcullis/domain/lockdown/by-owner'
import type { AppDeps } from '../../app-deps.ts'
import type { Route } from '../../http/mount.ts'
import { answerOpened, readCompromisedSince } from './opened.ts'

/** `POST /v1/account/lockdowns`. */
export function lockOwnAccountRoute(deps: AppDeps): Route<'lockOwnAccount'> {
  return async ({ session, body, caller }) => {
    const { reason = null, password, code } = body
    const compromisedSince = readCompromisedSince(body.compromisedSince, deps.clock)
    const result = await lockByOwner(deps, session, { reason, compromisedSince, password, code }, caller)
    switch (result.kind) {
      case 'locked':
        return answerOpened(deps.watchKeys, stateOf(result.opened))
      case 'wait':
        throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
      case 'proof_needed':
        throw new Failure('reauthentication_required')
      case 'refused':
        throw new Failure('proof_refused')
      case 'gone':
        throw new Failure('credential_required')
    }
  }
}

function stateOf({ lockdown }: Extract<Awaited<ReturnType<typeof lockByOwner>>, { kind: 'locked' }>['opened']) {
  return { id: lockdown.id, state: lockdown.state }
}
