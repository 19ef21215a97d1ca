/** What an account is in the house. */
export const roles = ['member', 'support', 'admin'] as const

/** A role of an account. */
export type Role = (typeof roles)[number]

/** Who may, and what it allows. */
interface PermissionTraits {
  /** Completes "A session of this role may …". */
  readonly allows: string
  readonly roles: readonly Role[]
}

const staff: readonly Role[] = ['support', 'admin']
const admin: readonly Role[] = ['admin']

/**
 * Every permission, and the roles that have it: the one table that the gateway, the OpenAPI document (`x-permission`) and the
 * README read. Whoever has none of it has none by another way: a role grants what stands here and nothing else. Besides its
 * role a session needs its second factor for each of these, and a fresh proof for changes.
 * Source: OWASP ASVS 5 8.1.1, 8.2.1, 6.3.3.
 */
export const permissions = {
  'accounts.search': { allows: 'search accounts', roles: staff },
  'accounts.inspect': { allows: 'see one account with its sessions, keys, logins and lockdowns', roles: staff },
  'accounts.lock': { allows: 'lock an account down', roles: staff },
  'accounts.reset': { allows: 'have a reset mailed to the owner of an account', roles: staff },
  'accounts.disable': { allows: 'disable an account, and enable it again', roles: staff },
  'accounts.role': { allows: 'give an account another role', roles: admin },
  'sessions.end': { allows: 'end all sessions of an account', roles: staff },
  'reports.read': { allows: 'read reports of lockdowns', roles: staff },
  'operations.watch': { allows: 'watch the operation of any account', roles: staff },
  'revocations.read': { allows: 'see bulk revocations, their targets and reports', roles: admin },
  'revocations.draft': { allows: 'draft a bulk revocation', roles: admin },
  'revocations.approve': { allows: 'approve a bulk revocation that somebody else has drafted', roles: admin },
  'revocations.run': { allows: 'start, pause, resume, cancel and undo a bulk revocation', roles: admin },
  'audit.read': { allows: 'read audit events and their seals', roles: admin },
  'audit.export': { allows: 'export audit events with their seals', roles: admin },
  'webhooks.read': { allows: 'see webhook endpoints and their deliveries', roles: admin },
  'webhooks.manage': {
    allows: 'make, change, test and delete webhook endpoints, and send deliveries again',
    roles: admin,
  },
  'clients.read': { allows: 'see API clients', roles: admin },
  'clients.manage': { allows: 'make, change and revoke API clients', roles: admin },
  'jobs.read': { allows: 'see jobs, dead letters, queues and their lag', roles: admin },
  'jobs.replay': { allows: 'replay and discard dead jobs', roles: admin },
  'queues.pause': { allows: 'pause and resume queues', roles: admin },
  'sweeps.read': { allows: 'see what the sweeps have done', roles: admin },
  'sweeps.run': { allows: 'run a sweep now', roles: admin },
} as const satisfies Record<string, PermissionTraits>

/** Something that a role may do besides what every owner may. */
export type Permission = keyof typeof permissions

/** All of them. */
// Guarantee: they are the keys of that very object.
export const permissionNames = Object.keys(permissions) as readonly Permission[]

/** Whether a role has a permission. */
export function isPermitted(role: Role, permission: Permission): boolean {
  const having: readonly Role[] = permissions[permission].roles
  return having.includes(role)
}

/** The roles that have a permission, the least first: one at least. */
export function rolesWith(permission: Permission): readonly Role[] {
  return roles.filter((role) => isPermitted(role, permission))
}

/** The table as Markdown, as READMEs and the documentation show it. Pure. */
export function permissionTable(): string {
  const mark = (role: Role, permission: Permission) => (isPermitted(role, permission) ? 'yes' : '')
  const rows = permissionNames.map((name) => {
    const cells = roles.map((role) => mark(role, name))
    return `| \`${name}\` | ${[...cells, permissions[name].allows].join(' | ')} |`
  })
  return [`| permission | ${roles.join(' | ')} | allows to |`, '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}
