import { registerAccount } from './account.ts'
import { createApiKey, listApiKeys, renameApiKey, revokeApiKey, rotateApiKey } from './api-key.ts'
import { verifyEmail } from './email-verification.ts'
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
import { endRental, fetchAuthorizedKeys, fetchRevokedKeys, startRental } from './rental.ts'
import { addSshKey, listSshKeys, renameSshKey, revokeSshKey } from './ssh-key.ts'
import {
  beginTwoFactor,
  completeSecondFactor,
  confirmTwoFactor,
  countBackupCodes,
  disableTwoFactor,
  renewBackupCodes,
} from './two-factor.ts'

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
  changePassword,
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
} as const

/** Name of a call. */
export type EndpointName = keyof typeof endpoints
