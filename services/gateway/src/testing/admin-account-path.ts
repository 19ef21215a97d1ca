import { formatId, type Id } from '@portcullis/contracts/ids'

/** The address at which staff look at an account and change it. */
export function adminAccountPath({ id }: { readonly id: Id<'account'> }): string {
  return `/v1/admin/accounts/${formatId('account', id)}`
}
