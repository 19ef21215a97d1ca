import postgres from 'postgres'

/** The role that the migrations make for services where they may: it may read and write, but of the audit only add. */
export const serviceRole = 'portcullis_service'

/** An address of the store for services, made from that of its owner: the same server and database, as `serviceRole`. */
export function serviceUrl(ownerUrl: string): string {
  const url = new URL(ownerUrl)
  url.username = serviceRole
  url.password = ''
  return url.href
}

/**
 * Lets `serviceRole` log in without a password, and gives the address for services. For servers that trust whoever reaches
 * them: the local house and tests. Elsewhere an operator gives the role a password, see the README.
 *
 * @throws where the role is not there, or the address is not of somebody who may change roles.
 */
export async function openServiceRole(owner: { reveal(): string }): Promise<string> {
  const sql = postgres(owner.reveal(), { max: 1, onnotice: () => {} })
  try {
    // Two houses on one server may do this at once; whoever comes second finds it done.
    const [role] = await sql`select rolcanlogin as "canLogin" from pg_roles where rolname = ${serviceRole}`
    if (role?.['canLogin'] !== true) await sql`alter role portcullis_service login`
    return serviceUrl(owner.reveal())
  } finally {
    await sql.end({ timeout: 5 })
  }
}
