import { login, type LoginDeps } from '@portcullis/domain/session/login'
import type { Route } from '../../http/mount.ts'
import { readEmail } from '../../http/read-email.ts'
import { answerLogin } from './answer.ts'

/** `POST /v1/sessions`. */
export function createSessionRoute(deps: LoginDeps): Route<'createSession'> {
  return async ({ body, caller, deviceToken, tellQuota }) => {
    const { password, deviceName = null, cookie = false } = body
    const result = await login(
      deps,
      { emailKey: readEmail(body.email).key, password, deviceName, cookie, deviceToken },
      caller,
      tellQuota,
    )
    return answerLogin(result, cookie, deps.limits.absoluteSeconds)
  }
}
