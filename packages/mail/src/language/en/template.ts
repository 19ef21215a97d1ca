import type { TemplateWords } from '../template-words.ts'

/** What each template says in English. */
export const templates: TemplateWords = {
  securityNotice: {
    preview: 'If it was you, all is well. If not, act now.',
    factsTitle: 'Where it came from',
    lock: 'It was not me: lock my account',
    lockNote: (days) =>
      `The link can do nothing but lock your account: every session and key is refused until you have recovered it. It works once, for ${days}.`,
    keep: 'Keep my account',
    keepNote: 'The link can do nothing but that. It works once, until the account is closed.',
    always: (product) => `${product} sends this whenever it happens; it cannot be switched off.`,
    optional: (product) => `${product} sends this until you switch it off in your account.`,
  },
  accountLocked: {
    subject: (product) => `Your ${product} account is locked`,
    preview: 'Nothing that was issued before opens it. Here is the way back.',
    heading: 'Your account is locked',
    opening: (product) => [
      `Your ${product} account was reported as compromised. From that moment on every session, key and link that was issued before is refused.`,
      'Nothing of yours was deleted. You set a new password, prove your second factor if you have one, and look through what was done.',
    ],
    action: 'Recover my account',
    note: 'The link is for you alone. Whoever has it and your second factor can open your account, so do not pass it on.',
    factsTitle: 'Where the report came from',
    doubtTitle: 'You did not report it?',
    doubt:
      'Recover your account all the same. The link above went to you alone, and until you have used it nobody is inside.',
    support: 'Write to support',
    reason: (product) => `${product} sends this whenever an account is locked; it cannot be switched off.`,
  },
  confirmEmail: {
    subject: (product) => `Confirm your address for ${product}`,
    preview: (life) => `One step is left. The link inside works once, for ${life}.`,
    heading: 'Confirm your address',
    opening: (product) => `One step is left to open your ${product} account: tell us that this address is yours.`,
    action: 'Confirm my address',
    note: (life) => `The link works once, for ${life}.`,
    doubt: 'Then leave this mail alone. Without the link no account is made, and the address is forgotten.',
    reason: (product) => `${product} sent this because somebody registered with your address.`,
  },
  confirmEmailChange: {
    subject: (product) => `Confirm your new address for ${product}`,
    preview: (life) => `Mail comes here once you confirm. The link works once, for ${life}.`,
    heading: 'Confirm your new address',
    opening: (product) =>
      `Somebody who is logged in to a ${product} account asked to have its mail sent to this address. If it was you, confirm it here; every session ends then, and you log in with this address.`,
    action: 'Use this address',
    note: (life) => `The link works once, for ${life}.`,
    doubt: 'Then leave this mail alone. Without the link nothing changes.',
    reason: (product) => `${product} sent this because somebody wants to use your address.`,
  },
  emailTaken: {
    subject: (product) => `Somebody wanted to use your address at ${product}`,
    preview: 'It is yours, and stays so. Nothing has changed.',
    heading: 'Your address stays yours',
    opening: (product) => [
      `Somebody who is logged in to another ${product} account asked to have its mail sent to your address. It belongs to your account, so nothing has changed.`,
      'If it was you: an address can have one account only. Give this account another address first.',
    ],
    doubt: 'Then there is nothing you need to do. Your account is as it was, and nobody was told that it exists.',
    reason: (product) => `${product} sent this because somebody wants to use your address.`,
  },
  emailChanged: {
    subject: (product) => `The address of your ${product} account was changed`,
    preview: (life) => `If it was not you, take it back now. The link works for ${life}.`,
    heading: 'Your address was changed',
    opening: (product) => [
      `Mail of your ${product} account goes to another address now, and one logs in with that. If it was you, all is well.`,
      'If it was not, take it back: this address is yours again at once, your account is locked for everybody who is inside, and a mail to this address leads you back in.',
    ],
    action: 'It was not me: take it back',
    note: (life) => `The link works once, for ${life}.`,
    factsTitle: 'Where it was confirmed',
    doubtTitle: 'Was it you?',
    doubt: (life) => `Then keep this mail. For ${life} mail about your security still comes here.`,
    reason: (product) => `${product} sends this whenever it happens; it cannot be switched off.`,
  },
  accountExists: {
    subject: (product) => `Your address already has an account at ${product}`,
    preview: 'Somebody registered with your address. Nothing has changed.',
    heading: 'You already have an account',
    opening: (product) => [
      `Somebody tried to open an account at ${product} with your address, which already has one. Nothing has changed.`,
      'If it was you, sign in as usual. If you no longer know your password, you can ask for a new one.',
    ],
    action: 'Ask for a new password',
    note: 'The page asks for your address and sends you a link.',
    factsTitle: 'Where the attempt came from',
    doubt: 'Then there is nothing you need to do. Your account is as it was, and nobody was told that it exists.',
    reason: (product) => `${product} sent this because somebody registered with your address.`,
  },
  passwordReset: {
    subject: (product) => `Reset your ${product} password`,
    preview: (life) => `The link inside works once, for ${life}.`,
    heading: 'Choose a new password',
    opening: (product) =>
      `Somebody asked to reset the password of your ${product} account. If it was you, choose a new one here.`,
    action: 'Choose a new password',
    note: (life) => `The link works once, for ${life}. Do not pass it on.`,
    factsTitle: 'Where the request came from',
    doubt: 'Then there is nothing you need to do. Without this link nobody can change your password.',
    support: 'Tell our support if it keeps happening',
    reason: (product) => `${product} sent this because a password reset was asked for with your address.`,
  },
}
