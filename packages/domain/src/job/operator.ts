import { Failure } from '@portcullis/contracts/errors'
import type { Permission } from '@portcullis/contracts/permission'
import { lockStaffAndTarget } from '@portcullis/db/queries/account-administration'
import type { Tx } from '@portcullis/db/transaction'
import { type AskingStaff, requirePermitted, staffFact } from '../admin/staff.ts'
import { type Fact } from '../audit/record.ts'

/** Who operates the house: one of the staff, or whoever has its store at the command line. */
export type Operator = ({ readonly kind: 'staff' } & AskingStaff) | { readonly kind: 'command_line' }

/** States a fact as the operator's. */
export type AsOperator = (
  fact: Pick<Fact, 'action' | 'subject'> & { readonly details: Record<string, unknown> },
) => Fact

/**
 * Locks the operator's account and refuses whose session or role was taken since the request came in: `credential_required`,
 * `not_allowed`. Whoever has the command line has the store, and is asked for nothing.
 */
export async function requireOperator(tx: Tx, operator: Operator, permission: Permission): Promise<AsOperator> {
  if (operator.kind === 'command_line') {
    return ({ details, ...fact }) => ({
      ...fact,
      accountId: null,
      actor: 'system',
      details: { ...details, by: 'command_line' },
    })
  }
  const { session } = operator
  const { actorRole } = await lockStaffAndTarget(tx, session, session.accountId)
  if (actorRole === undefined) throw new Failure('credential_required')
  requirePermitted(actorRole, permission)
  return (fact) => staffFact(operator, actorRole, { ...fact, accountId: null })
}
