import { registerAccount } from './account.ts'
import { cancelClosing, closeAccount, getClosing, keepAccount } from './account-closing.ts'
import { fetchExport, getExport, requestExport } from './account-export.ts'
import { changeAccount, inspectAccount, searchAccounts } from './admin-account.ts'
import { bootstrapAdmin } from './admin-bootstrap.ts'
import { changeApiClient, createApiClient, listApiClients, revokeApiClient } from './admin-client.ts'
import { createApiKey, listApiKeys, renameApiKey, revokeApiKey, rotateApiKey } from './api-key.ts'
import {
  confirmEmailChange,
  listEmailChanges,
  requestEmailChange,
  revertEmailChange,
  withdrawEmailChange,
} from './email-change.ts'
import { verifyEmail } from './email-verification.ts'
import { getNotificationPreferences, putNotificationPreferences } from './notification.ts'
import { changePassword, getAccount, listActivity, renameAccount } from './owner.ts'
import { introspectToken, revokeToken } from './introspection.ts'
import { completePasswordReset, requestPasswordReset } from './password-reset.ts'
import {
  createSession,
  deleteSession,
  getSession,
  listSessions,
  proveSession,
  revokeSession,
  revokeSessions,
} from './session.ts'
import { reportGithubLeaks, reportLeakedCredentials } from './leaked-credential.ts'
import { exportAuditEvents, getAuditKeys, listAuditEvents, listAuditSeals } from './audit.ts'
import { reportSignal } from './signal.ts'
import { getSigningKeys, getSsfConfiguration } from './well-known.ts'
import { endRental, fetchAuthorizedKeys, fetchRevokedKeys, startRental } from './rental.ts'
import { getLockdown, getLockdownReport, listLockdowns, lockOwnAccount, useLockdownLink } from './lockdown.ts'
import { recoverAccount } from './lockdown-recovery.ts'
import {
  endAccountSessions,
  endAccountSessionsAsStaff,
  getLockdownReportAsStaff,
  lockAccount,
  lockAccountAsStaff,
  startAccountReset,
  startAccountResetAsStaff,
} from './on-behalf.ts'
import { getOperation, watchOperation } from './operation.ts'
import {
  approveRevocation,
  cancelRevocation,
  draftRevocation,
  getRevocation,
  getRevocationReport,
  listRevocations,
  listRevocationTargets,
  pauseRevocation,
  resumeRevocation,
  startRevocation,
  undoRevocation,
} from './revocation.ts'
import { listSweeps, startSweep } from './sweep.ts'
import { discardJob, listJobs, replayJob, replayJobs } from './job.ts'
import { listQueues, pauseQueue, resumeQueue } from './queue.ts'
import { addSshKey, listSshKeys, renameSshKey, revokeSshKey } from './ssh-key.ts'
import {
  beginTwoFactor,
  completeSecondFactor,
  confirmTwoFactor,
  countBackupCodes,
  disableTwoFactor,
  renewBackupCodes,
} from './two-factor.ts'
import {
  changeWebhook,
  createWebhook,
  deleteWebhook,
  listWebhookDeliveries,
  listWebhooks,
  replayWebhookDeliveries,
  replayWebhookDelivery,
  rotateWebhookSecret,
  testWebhook,
} from './webhook.ts'

/** Every call of the HTTP surface. The gateway must mount each, and mounts nothing else. */
export const endpoints = {
  registerAccount,
  verifyEmail,
  createSession,
  completeSecondFactor,
  getSession,
  deleteSession,
  proveSession,
  listSessions,
  revokeSession,
  revokeSessions,
  beginTwoFactor,
  confirmTwoFactor,
  disableTwoFactor,
  renewBackupCodes,
  countBackupCodes,
  getAccount,
  renameAccount,
  listActivity,
  closeAccount,
  getClosing,
  cancelClosing,
  keepAccount,
  requestExport,
  getExport,
  fetchExport,
  getNotificationPreferences,
  putNotificationPreferences,
  changePassword,
  requestEmailChange,
  listEmailChanges,
  withdrawEmailChange,
  confirmEmailChange,
  revertEmailChange,
  listApiKeys,
  createApiKey,
  renameApiKey,
  revokeApiKey,
  rotateApiKey,
  introspectToken,
  revokeToken,
  listSshKeys,
  addSshKey,
  renameSshKey,
  revokeSshKey,
  startRental,
  endRental,
  fetchAuthorizedKeys,
  fetchRevokedKeys,
  requestPasswordReset,
  completePasswordReset,
  listWebhooks,
  createWebhook,
  changeWebhook,
  deleteWebhook,
  rotateWebhookSecret,
  testWebhook,
  listWebhookDeliveries,
  replayWebhookDelivery,
  replayWebhookDeliveries,
  lockOwnAccount,
  listLockdowns,
  getLockdown,
  getLockdownReport,
  useLockdownLink,
  recoverAccount,
  lockAccount,
  startAccountReset,
  endAccountSessions,
  lockAccountAsStaff,
  startAccountResetAsStaff,
  endAccountSessionsAsStaff,
  getLockdownReportAsStaff,
  bootstrapAdmin,
  searchAccounts,
  inspectAccount,
  changeAccount,
  listApiClients,
  createApiClient,
  changeApiClient,
  revokeApiClient,
  draftRevocation,
  listRevocations,
  getRevocation,
  approveRevocation,
  startRevocation,
  pauseRevocation,
  resumeRevocation,
  cancelRevocation,
  undoRevocation,
  listRevocationTargets,
  getRevocationReport,
  listAuditEvents,
  exportAuditEvents,
  listAuditSeals,
  getAuditKeys,
  getOperation,
  watchOperation,
  reportSignal,
  reportLeakedCredentials,
  reportGithubLeaks,
  getSigningKeys,
  getSsfConfiguration,
  listSweeps,
  startSweep,
  listJobs,
  replayJob,
  discardJob,
  replayJobs,
  listQueues,
  pauseQueue,
  resumeQueue,
} as const

/** Name of a call. */
export type EndpointName = keyof typeof endpoints
