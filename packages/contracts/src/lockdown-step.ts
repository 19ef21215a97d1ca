/** The steps of a lockdown, in the order of a report. They run side by side; each is proven by itself. */
export const lockdownSteps = {
  sessions: 'Sessions were ended',
  api_keys: 'API keys were revoked',
  ssh_keys: 'SSH keys were revoked and withdrawn from every rented server',
  tokens: 'Mailed links, half-made logins and address changes were made void',
  password: 'The password was marked as known to others',
  second_factor: 'The second factor was kept, or taken away where the intruder may have enrolled it',
  review: 'Recent activity and reported transactions were gathered for review',
  owner: 'The owner was told, at trusted addresses only',
  webhooks: 'The receivers of webhooks and security events were told',
  support: 'Support was told',
} as const satisfies Record<string, string>

/** A step of a lockdown. */
export type LockdownStep = keyof typeof lockdownSteps

/** Their names, in order. */
export const lockdownStepNames = Object.keys(lockdownSteps) as readonly LockdownStep[]
