import { Failure } from '@portcullis/contracts/errors'
import { findAccountById } from '@portcullis/db/queries/login'
import { withStore } from '@portcullis/db/transaction'
import { beginTwoFactor } from '@portcullis/domain/two-factor/begin'
import type { SecondFactorDeps } from '@portcullis/domain/two-factor/check'
import { qrPng, qrSvg } from '@portcullis/domain/two-factor/qr'
import type { Route } from '../../http/mount.ts'

/** `POST /v1/account/two-factor`. */
export function beginTwoFactorRoute(deps: SecondFactorDeps & { readonly issuer: string }): Route<'beginTwoFactor'> {
  return async ({ session, caller }) => {
    const account = await withStore(deps.database, (queries) => findAccountById(queries, session.accountId))
    const enrolment = account && (await beginTwoFactor(deps, session, caller, account.email))
    if (!enrolment) throw new Failure('two_factor_is_on')
    const { secret, otpauthUri } = enrolment
    const [svg, png] = await Promise.all([qrSvg(otpauthUri), qrPng(otpauthUri)])
    return { status: 201, body: { secret, otpauthUri, qrSvg: svg, qrPng: png.toString('base64') } }
  }
}
