/** The words of one kind of notice. */
interface NoticeWords {
  readonly subject: (product: string) => string
  readonly heading: string
  readonly told: (product: string) => string
  readonly cure: string
}

const changePassword = 'Then somebody else may have your password. Set a new one now; it ends every session.'
const secureAll =
  'Then somebody else may have your account. Set a new password now, and look through your sessions and keys.'

/** Every event of which an owner is told in this form. */
export const securityEvents = {
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
  ssh_key_added: {
    subject: (product) => `A new SSH key for your ${product} account`,
    heading: 'An SSH key was added',
    told: (product) => `A new SSH key opens the servers that you rent at ${product}.`,
    cure: 'Then remove it now, and set a new password.',
  },
} as const satisfies Record<string, NoticeWords>

/** An event of which an owner is told in this form. */
export type SecurityEvent = keyof typeof securityEvents
