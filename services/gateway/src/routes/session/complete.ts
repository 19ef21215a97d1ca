import { finishLogin, type SecondStepDeps } from '@portcullis/domain/session/second-factor'
import type { Route } from '../../http/mount.ts'
import { answerLogin } from './answer.ts'

/** `POST /v1/sessions/two-factor`. */
export function completeSecondFactorRoute(deps: SecondStepDeps): Route<'completeSecondFactor'> {
  return async ({ body, caller, deviceToken, tellQuota }) => {
    const result = await finishLogin(deps, { ...body, deviceToken }, caller, tellQuota)
    return answerLogin(result, result.kind === 'session' && result.cookie, deps.limits.absoluteSeconds)
  }
}
