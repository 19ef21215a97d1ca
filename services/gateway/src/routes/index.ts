import type { ResolveCredential } from '@portcullis/domain/credential/resolve'
import type { AppDeps } from '../app-deps.ts'
import type { Routes } from '../http/mount.ts'
import { addSshKeyRoute } from './ssh-key/add.ts'
import { beginTwoFactorRoute } from './two-factor/begin.ts'
import { changePasswordRoute } from './account/change-password.ts'
import { completePasswordResetRoute } from './password-reset/complete.ts'
import { completeSecondFactorRoute } from './session/complete.ts'
import { confirmTwoFactorRoute } from './two-factor/confirm.ts'
import { countBackupCodesRoute, renewBackupCodesRoute } from './two-factor/backup-codes.ts'
import { createApiKeyRoute } from './api-key/create.ts'
import { createSessionRoute } from './session/create.ts'
import { deleteSessionRoute } from './session/delete.ts'
import { disableTwoFactorRoute } from './two-factor/disable.ts'
import { endRentalRoute } from './rental/end.ts'
import { fetchAuthorizedKeysRoute } from './rental/authorized-keys.ts'
import { fetchRevokedKeysRoute } from './rental/revoked-keys.ts'
import { getAccountRoute, renameAccountRoute } from './account/own.ts'
import { getSessionRoute } from './session/get.ts'
import { introspectTokenRoute } from './introspection/introspect.ts'
import { listActivityRoute } from './account/activity.ts'
import { listApiKeysRoute } from './api-key/list.ts'
import { listSessionsRoute } from './session/list.ts'
import { listSshKeysRoute } from './ssh-key/list.ts'
import { proveSessionRoute } from './session/prove.ts'
import { registerAccountRoute } from './account/register.ts'
import { renameApiKeyRoute } from './api-key/rename.ts'
import { renameSshKeyRoute } from './ssh-key/rename.ts'
import { requestPasswordResetRoute } from './password-reset/request.ts'
import { revokeApiKeyRoute } from './api-key/revoke.ts'
import { revokeSessionRoute, revokeSessionsRoute } from './session/revoke.ts'
import { revokeSshKeyRoute } from './ssh-key/revoke.ts'
import { revokeTokenRoute } from './introspection/revoke.ts'
import { rotateApiKeyRoute } from './api-key/rotate.ts'
import { startRentalRoute } from './rental/start.ts'
import { verifyEmailRoute } from './email-verification/verify.ts'

/** Every call of the contract with what the gateway does on it: the table of contents of this folder. */
export function createRoutes(deps: AppDeps, resolve: ResolveCredential): Routes {
  return {
    registerAccount: registerAccountRoute(deps),
    verifyEmail: verifyEmailRoute(deps.database),
    requestPasswordReset: requestPasswordResetRoute(deps.database, deps.idempotencyKey),
    completePasswordReset: completePasswordResetRoute(deps),
    getAccount: getAccountRoute(deps.database),
    renameAccount: renameAccountRoute(deps.database),
    listActivity: listActivityRoute(deps.database),
    changePassword: changePasswordRoute(deps),
    createSession: createSessionRoute(deps),
    completeSecondFactor: completeSecondFactorRoute(deps),
    beginTwoFactor: beginTwoFactorRoute({ ...deps, issuer: deps.pages.productName }),
    confirmTwoFactor: confirmTwoFactorRoute(deps),
    disableTwoFactor: disableTwoFactorRoute(deps),
    renewBackupCodes: renewBackupCodesRoute(deps),
    countBackupCodes: countBackupCodesRoute(deps.database),
    listSshKeys: listSshKeysRoute(deps.database),
    addSshKey: addSshKeyRoute(deps),
    renameSshKey: renameSshKeyRoute(deps.database),
    revokeSshKey: revokeSshKeyRoute(deps.database),
    startRental: startRentalRoute(deps.database),
    endRental: endRentalRoute(deps.database),
    fetchAuthorizedKeys: fetchAuthorizedKeysRoute(deps.database),
    fetchRevokedKeys: fetchRevokedKeysRoute(deps.database),
    listApiKeys: listApiKeysRoute(deps.database),
    createApiKey: createApiKeyRoute(deps),
    renameApiKey: renameApiKeyRoute(deps.database),
    revokeApiKey: revokeApiKeyRoute(deps.database),
    rotateApiKey: rotateApiKeyRoute(deps),
    introspectToken: introspectTokenRoute(resolve),
    revokeToken: revokeTokenRoute(deps.database),
    getSession: getSessionRoute,
    deleteSession: deleteSessionRoute(deps.database),
    proveSession: proveSessionRoute(deps),
    listSessions: listSessionsRoute(deps.database, deps.limits),
    revokeSession: revokeSessionRoute(deps.database),
    revokeSessions: revokeSessionsRoute(deps.database),
  }
}
