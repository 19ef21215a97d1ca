import { Failure } from '@portcullis/contracts/errors'
import type { LoginResult } from '@portcullis/domain/session/login'
import { deviceCookie, sessionCookie } from '../../http/cookie.ts'
import type { Answer } from '../../http/mount.ts'
import { showSession } from './show.ts'

/** The answer to a login and to its second step. */
export function answerLogin(result: LoginResult, cookie: boolean, cookieSeconds: number): Answer {
  switch (result.kind) {
    case 'refused':
      throw new Failure('login_refused')
    case 'wait':
      throw new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    case 'second_factor':
      return { status: 200, body: { mfaRequired: true, challenge: result.challenge } }
    case 'session': {
      const { token, session, deviceToken } = result.issued
      const shown = showSession(session, session.id)
      if (!cookie) return { status: 201, body: { token, session: shown } }
      const cookies = [
        sessionCookie(token, cookieSeconds),
        ...(deviceToken === undefined ? [] : [deviceCookie(deviceToken)]),
      ]
      return { status: 201, body: { session: shown }, cookies }
    }
  }
}
