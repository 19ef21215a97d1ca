import type { ResolveCredential } from '@portcullis/domain/credential/resolve'
import type { AppDeps } from '../app-deps.ts'
import type { Routes } from '../http/mount.ts'
import { cancelClosingRoute, closeAccountRoute, getClosingRoute, keepAccountRoute } from './account-closing/close.ts'
import { fetchExportRoute, getExportRoute, requestExportRoute } from './account-export/export.ts'
import { addSshKeyRoute } from './ssh-key/add.ts'
import { adminAccountRoutes } from './admin/accounts.ts'
import { adminClientRoutes } from './admin/clients.ts'
import { bootstrapAdminRoute } from './admin/bootstrap.ts'
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
import { getNotificationPreferencesRoute, putNotificationPreferencesRoute } from './notification/preferences.ts'
import { exportAuditEventsRoute, getAuditKeysRoute } from './audit/export.ts'
import { listAuditEventsRoute, listAuditSealsRoute } from './audit/list.ts'
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
import { createWebhookRoutes } from './webhook/table.ts'
import { createRevocationRoutes } from './revocation/table.ts'
import { getLockdownRoute, listLockdownsRoute } from './lockdown/list.ts'
import { getLockdownReportAsStaffRoute, getLockdownReportRoute } from './lockdown/report.ts'
import { getOperationRoute } from './operation/get.ts'
import { lockOwnAccountRoute } from './lockdown/lock-own.ts'
import { onBehalfRoutes } from './lockdown/on-behalf.ts'
import { recoverAccountRoute } from './lockdown/recover.ts'
import { useLockdownLinkRoute } from './lockdown/link.ts'
import { watchOperationRoute } from './operation/watch.ts'
import { listEmailChangesRoute } from './email-change/list.ts'
import { requestEmailChangeRoute } from './email-change/request.ts'
import { confirmEmailChangeRoute, revertEmailChangeRoute } from './email-change/use-token.ts'
import { withdrawEmailChangeRoute } from './email-change/withdraw.ts'
import { reportGithubLeaksRoute } from './leaked-credential/github.ts'
import { reportLeakedCredentialsRoute } from './leaked-credential/report.ts'
import { reportSignalRoute } from './signal/report.ts'
import { getSigningKeysRoute, getSsfConfigurationRoute } from './well-known/security-event.ts'
import { listSweepsRoute } from './sweep/list.ts'
import { discardJobRoute, replayJobRoute, replayJobsRoute } from './job/decide.ts'
import { listJobsRoute } from './job/list.ts'
import { listQueuesRoute } from './queue/list.ts'
import { pauseQueueRoute, resumeQueueRoute } from './queue/pause.ts'
import { startSweepRoute } from './sweep/start.ts'
import { verifyEmailRoute } from './email-verification/verify.ts'

/** Every call of the contract with what the gateway does on it: the table of contents of this folder. */
export function createRoutes(deps: AppDeps, resolve: ResolveCredential): Routes {
  return {
    ...accountRoutes(deps),
    ...credentialRoutes(deps),
    ...lockdownRoutes(deps),
    ...productRoutes(deps, resolve),
    ...staffRoutes(deps),
  }
}

/** What an owner does about the account, and whoever wants one. */
function accountRoutes(deps: AppDeps) {
  return {
    registerAccount: registerAccountRoute(deps),
    verifyEmail: verifyEmailRoute(deps.database),
    requestPasswordReset: requestPasswordResetRoute(deps.database, deps.idempotencyKey),
    completePasswordReset: completePasswordResetRoute(deps),
    getAccount: getAccountRoute(deps.database),
    renameAccount: renameAccountRoute(deps.database),
    listActivity: listActivityRoute(deps.database, deps.places),
    closeAccount: closeAccountRoute(deps),
    getClosing: getClosingRoute(deps.database),
    cancelClosing: cancelClosingRoute(deps.database),
    keepAccount: keepAccountRoute(deps.database),
    requestExport: requestExportRoute(deps),
    getExport: getExportRoute(deps.database),
    fetchExport: fetchExportRoute(deps),
    getNotificationPreferences: getNotificationPreferencesRoute(deps.database),
    putNotificationPreferences: putNotificationPreferencesRoute(deps.database),
    changePassword: changePasswordRoute(deps),
    requestEmailChange: requestEmailChangeRoute(deps),
    listEmailChanges: listEmailChangesRoute(deps.database),
    withdrawEmailChange: withdrawEmailChangeRoute(deps.database),
    confirmEmailChange: confirmEmailChangeRoute(deps.database),
    revertEmailChange: revertEmailChangeRoute(deps.database),
  }
}

/** What opens an account. */
function credentialRoutes(deps: AppDeps) {
  return {
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
    listApiKeys: listApiKeysRoute(deps.database),
    createApiKey: createApiKeyRoute(deps),
    renameApiKey: renameApiKeyRoute(deps.database),
    revokeApiKey: revokeApiKeyRoute(deps.database),
    rotateApiKey: rotateApiKeyRoute(deps),
    getSession: getSessionRoute,
    deleteSession: deleteSessionRoute(deps.database),
    proveSession: proveSessionRoute(deps),
    listSessions: listSessionsRoute(deps.database, deps.limits),
    revokeSession: revokeSessionRoute(deps.database),
    revokeSessions: revokeSessionsRoute(deps.database),
  }
}

/** The way into a lockdown, through it and out. */
function lockdownRoutes(deps: AppDeps) {
  return {
    lockOwnAccount: lockOwnAccountRoute(deps),
    listLockdowns: listLockdownsRoute(deps.database),
    getLockdown: getLockdownRoute(deps.database),
    getLockdownReport: getLockdownReportRoute(deps),
    useLockdownLink: useLockdownLinkRoute(deps),
    recoverAccount: recoverAccountRoute({ ...deps, issuer: deps.pages.productName }),
    getOperation: getOperationRoute(deps),
    watchOperation: watchOperationRoute(deps),
  }
}

/** What the back ends and servers of the product call, and what they read. */
function productRoutes(deps: AppDeps, resolve: ResolveCredential) {
  return {
    startRental: startRentalRoute(deps.database),
    endRental: endRentalRoute(deps.database),
    fetchAuthorizedKeys: fetchAuthorizedKeysRoute(deps.database),
    fetchRevokedKeys: fetchRevokedKeysRoute(deps.database),
    introspectToken: introspectTokenRoute(resolve),
    revokeToken: revokeTokenRoute(deps.database),
    reportSignal: reportSignalRoute(deps),
    reportLeakedCredentials: reportLeakedCredentialsRoute(deps),
    reportGithubLeaks: reportGithubLeaksRoute(deps),
    getSigningKeys: getSigningKeysRoute(deps),
    getSsfConfiguration: getSsfConfigurationRoute(deps),
  }
}

/** What staff and operators do. */
function staffRoutes(deps: AppDeps) {
  return {
    ...createWebhookRoutes(deps),
    getLockdownReportAsStaff: getLockdownReportAsStaffRoute(deps),
    ...onBehalfRoutes(deps),
    listSweeps: listSweepsRoute(deps.database),
    startSweep: startSweepRoute(deps.database),
    listJobs: listJobsRoute(deps.database),
    replayJob: replayJobRoute(deps.database),
    discardJob: discardJobRoute(deps.database),
    replayJobs: replayJobsRoute(deps.database),
    listQueues: listQueuesRoute(deps.database),
    pauseQueue: pauseQueueRoute(deps.database),
    resumeQueue: resumeQueueRoute(deps.database),
    bootstrapAdmin: bootstrapAdminRoute(deps.database),
    ...adminAccountRoutes(deps),
    ...adminClientRoutes(deps),
    listAuditEvents: listAuditEventsRoute(deps.database),
    exportAuditEvents: exportAuditEventsRoute(deps),
    listAuditSeals: listAuditSealsRoute(deps.database),
    getAuditKeys: getAuditKeysRoute(deps),
    ...createRevocationRoutes(deps),
  }
}
