import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { NoticeWords } from '../words.ts'

const changePassword = 'Then somebody else may have your password. Set a new one now; it ends every session.'
const secureAll =
  'Then somebody else may have your account. Set a new password now, and look through your sessions and keys.'

/** What each notice says in English. */
export const notices: Readonly<Record<NoticeKind, NoticeWords>> = {
  password_changed: {
    subject: (product) => `Your ${product} password was changed`,
    heading: 'Your password was changed',
    told: (product) =>
      `The password of your ${product} account was changed. Other devices that were signed in have been signed out.`,
    cure: 'Then somebody else may have your account. Lock it now, and change the password of your mailbox as well.',
  },
  new_device: {
    subject: (product) => `A new device logged in to your ${product} account`,
    heading: 'A login from a new device',
    told: (product) => `Somebody logged in to your ${product} account from a device that was not used before.`,
    cure: changePassword,
  },
  new_country: {
    subject: (product) => `A login to your ${product} account from a new country`,
    heading: 'A login from a new country',
    told: (product) => `Somebody logged in to your ${product} account from a country that was not seen before.`,
    cure: changePassword,
  },
  two_factor_enabled: {
    subject: (product) => `Two-factor login is on for your ${product} account`,
    heading: 'Two-factor login is on',
    told: (product) => `From now on your ${product} account asks for a code as well as for your password.`,
    cure: secureAll,
  },
  two_factor_disabled: {
    subject: (product) => `Two-factor login is off for your ${product} account`,
    heading: 'Two-factor login is off',
    told: (product) => `Your ${product} account asks for your password alone again. Its backup codes are void.`,
    cure: secureAll,
  },
  backup_codes_renewed: {
    subject: (product) => `New backup codes for your ${product} account`,
    heading: 'New backup codes were made',
    told: (product) => `The backup codes of your ${product} account were replaced; the old ones open nothing.`,
    cure: secureAll,
  },
  backup_code_used: {
    subject: (product) => `A backup code of your ${product} account was used`,
    heading: 'A backup code was used',
    told: (product) => `Somebody logged in to your ${product} account with one of its backup codes. Each works once.`,
    cure: secureAll,
  },
  api_key_created: {
    subject: (product) => `A new API key for your ${product} account`,
    heading: 'An API key was made',
    told: (product) => `A new API key can act for your ${product} account, within its scopes.`,
    cure: 'Then revoke it now, and set a new password.',
  },
  api_key_revoked: {
    subject: (product) => `An API key of your ${product} account was revoked`,
    heading: 'An API key was revoked',
    told: (product) =>
      `${product} revoked an API key of your account: it opens nothing any more. Make a new one if you need it.`,
    cure: 'Then somebody else may know the key. Look through your other keys, and set a new password.',
  },
  api_key_reused: {
    subject: (product) => `A revoked API key of your ${product} account was used`,
    heading: 'A revoked API key was used',
    told: (product) =>
      `Somebody tried an API key of your ${product} account that was revoked before, and was refused. Either a program of yours still has it, or it is in the wrong hands.`,
    cure: 'Then the key has leaked. Find out where it was kept, and replace whatever else was kept there.',
  },
  ssh_key_added: {
    subject: (product) => `A new SSH key for your ${product} account`,
    heading: 'An SSH key was added',
    told: (product) => `A new SSH key opens the servers that you rent at ${product}.`,
    cure: 'Then remove it now, and set a new password.',
  },
  impossible_travel: {
    subject: (product) => `Two logins to your ${product} account from far apart`,
    heading: 'Two logins from far apart',
    told: (product) =>
      `Your ${product} account was used from two places within a time in which nobody travels between them.`,
    cure: secureAll,
  },
  login_after_failures: {
    subject: (product) => `A login to your ${product} account after many failed ones`,
    heading: 'A login after many failed ones',
    told: (product) =>
      `Somebody logged in to your ${product} account after a run of failed attempts. Perhaps the password was guessed.`,
    cure: changePassword,
  },
  login_after_absence: {
    subject: (product) => `A login to your ${product} account after a long time`,
    heading: 'A login after a long time',
    told: (product) => `Somebody logged in to your ${product} account, which nobody had used for a long time.`,
    cure: changePassword,
  },
  second_factor_failed: {
    subject: (product) => `Your ${product} password was used, and the code was wrong`,
    heading: 'The password was right, the code was not',
    told: (product) =>
      `Somebody knew the password of your ${product} account and did not have the code. They were refused.`,
    cure: changePassword,
  },
  api_key_leaked: {
    subject: (product) => `An API key of your ${product} account was found in public`,
    heading: 'An API key was found in public',
    told: (product) =>
      `An API key of your ${product} account was reported as published. It was revoked at once and opens nothing.`,
    cure: 'Look through what the key was used for, and set a new password.',
  },
  email_change_requested: {
    subject: (product) => `A new address was asked for in your ${product} account`,
    heading: 'A new address was asked for',
    told: (product) =>
      `Somebody who is logged in to your ${product} account asked to have its mail sent to another address. It is not changed yet.`,
    cure: secureAll,
  },
  email_changed: {
    subject: (product) => `The address of your ${product} account was changed`,
    heading: 'The address was changed',
    told: (product) =>
      `Mail of your ${product} account goes to another address now. For 7 days the old mailbox can take that back.`,
    cure: secureAll,
  },
  email_change_reverted: {
    subject: (product) => `The address of your ${product} account was changed back`,
    heading: 'The address is the old one again',
    told: (product) => `The change of address of your ${product} account was taken back from the old mailbox.`,
    cure: secureAll,
  },
  risk_reported: {
    subject: (product) => `Unusual activity in your ${product} account`,
    heading: 'Unusual activity was reported',
    told: (product) => `${product} noticed activity in your account that is not like you.`,
    cure: secureAll,
  },
  account_locked: {
    subject: (product) => `Your ${product} account is locked`,
    heading: 'Your account is locked',
    told: (product) =>
      `Your ${product} account was reported as compromised. Every session, key and link that was issued before is refused.`,
    cure: 'Recover your account; until then nobody is inside.',
  },
  account_recovered: {
    subject: (product) => `Your ${product} account is yours again`,
    heading: 'Your account is open again',
    told: (product) =>
      `Your ${product} account was recovered: it has a new password, and nothing that was issued before opens it.`,
    cure: secureAll,
  },
  account_disabled: {
    subject: (product) => `Your ${product} account was disabled`,
    heading: 'Your account was disabled',
    told: (product) => `${product} has disabled your account. Nothing opens it until it is enabled again.`,
    cure: 'Write to support.',
  },
  account_closing: {
    subject: (product) => `Your ${product} account will be closed`,
    heading: 'Your account will be closed',
    told: (product) => `Somebody who is logged in asked to close your ${product} account. Until then it can be kept.`,
    cure: secureAll,
  },
  account_closed: {
    subject: (product) => `Your ${product} account is closed`,
    heading: 'Your account is closed',
    told: (product) =>
      `As was asked for, your ${product} account is closed. Nothing opens it any more, and what is kept of you is erased now. This is the last mail.`,
    cure: 'Write to support at once.',
  },
  role_changed: {
    subject: (product) => `Your role at ${product} was changed`,
    heading: 'Your role was changed',
    told: (product) => `What your ${product} account may do was changed by an administrator.`,
    cure: 'Write to your administrator.',
  },
  data_exported: {
    subject: (product) => `Your ${product} data was exported`,
    heading: 'An export of your data was made',
    told: (product) =>
      `A copy of the data of your ${product} account was made at the wish of somebody who is logged in.`,
    cure: secureAll,
  },
  sessions_revoked: {
    subject: (product) => `Your ${product} sessions were ended`,
    heading: 'Your sessions were ended',
    told: (product) => `${product} has ended sessions of your account. Log in again.`,
    cure: 'Nothing needs to be done.',
  },
  keys_revoked: {
    subject: (product) => `Keys of your ${product} account were revoked`,
    heading: 'Keys were revoked',
    told: (product) =>
      `${product} has revoked keys of your account. Programs that use them are refused; make new keys where you need them.`,
    cure: 'Nothing needs to be done.',
  },
  access_restored: {
    subject: (product) => `Access to your ${product} account was restored`,
    heading: 'Sessions and keys work again',
    told: (product) =>
      `${product} had ended sessions or revoked keys of your account, and has taken that back: they work again.`,
    cure: secureAll,
  },
  backup_codes_low: {
    subject: (product) => `Few backup codes are left for your ${product} account`,
    heading: 'Few backup codes are left',
    told: (product) => `Your ${product} account has few backup codes left. Make new ones while you are logged in.`,
    cure: secureAll,
  },
  api_key_expiring: {
    subject: (product) => `An API key of your ${product} account will expire`,
    heading: 'An API key will expire',
    told: (product) => `An API key of your ${product} account expires within 7 days. Rotate it before then.`,
    cure: 'Then revoke it.',
  },
  ssh_key_deployed: {
    subject: (product) => `Your SSH key is on a server rented at ${product}`,
    heading: 'An SSH key was deployed',
    told: (product) => `A server that you rent at ${product} has fetched your SSH keys.`,
    cure: secureAll,
  },
}
