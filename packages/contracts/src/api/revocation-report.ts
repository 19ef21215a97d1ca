import { z } from 'zod'
import { revocationKinds, revocationStates, targetStates } from '../revocation.ts'
import { momentField } from './field.ts'

const exampleAccount = 'acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'
const exampleSelector = { network: '203.0.113.0/24', lastSeenAt: { after: '2026-11-16T00:00:00Z' } }

const accountField = (description: string) => z.string().meta({ description, examples: [exampleAccount] })

const kindCounts = {
  sessions: z.int().meta({ description: 'Sessions.', examples: [812] }),
  apiKeys: z.int().meta({ description: 'API keys.', examples: [40] }),
  sshKeys: z.int().meta({ description: 'SSH keys.', examples: [0] }),
} as const

const countsOf = (description: string) => z.strictObject(kindCounts).meta({ description })

/** One account of the sample. */
const sampleSchema = z.strictObject({
  accountId: accountField('Which.'),
  email: z.string().meta({ description: 'Its address, masked.', examples: ['a…@example.com'] }),
  role: z.enum(['member', 'support', 'admin']),
  state: z.enum(['active', 'locked', 'disabled']),
  ...kindCounts,
})

const fields = {
  id: z.string().meta({ description: 'Names it.', examples: ['rev_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
  operationId: z.string().meta({
    description: 'Watch it by this operation.',
    examples: ['opn_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
  }),
  state: z.enum(revocationStates).meta({ description: 'Where it stands.', examples: ['draft'] }),
  selector: z
    .record(z.string(), z.unknown())
    .meta({ description: 'Whom it is about, as it was said.', examples: [exampleSelector] }),
  kinds: z.array(z.enum(revocationKinds)).meta({ description: 'What is ended.', examples: [['sessions']] }),
  reason: z.string().meta({ description: 'Why.', examples: ['Incident 4711: passwords were phished'] }),
  fence: z.boolean().meta({ description: 'Whether it raises the fence of the house.', examples: [false] }),
  ratePerSecond: z
    .int()
    .nullable()
    .meta({ description: 'Credentials at most in a second.', examples: [null] }),
  sparesOwnSession: z
    .boolean()
    .meta({ description: 'Whether the session that drafted it is spared.', examples: [true] }),
  needsApproval: z.boolean().meta({ description: 'Whether a second admin must approve.', examples: [false] }),
  counts: z
    .strictObject({ accounts: z.int().meta({ description: 'Accounts.', examples: [301] }), ...kindCounts })
    .meta({ description: 'What the dry run counted: living credentials of these kinds.' }),
  progress: z
    .strictObject({
      done: z.int().meta({ description: 'So many accounts are done', examples: [120] }),
      total: z.int().meta({ description: 'of so many.', examples: [301] }),
      perSecond: z
        .number()
        .nullable()
        .meta({ description: 'Accounts in a second, since it last went on; null: it is not at work.', examples: [40] }),
      remainingSeconds: z
        .int()
        .nullable()
        .meta({ description: 'So long at this speed; null: not known.', examples: [5] }),
    })
    .meta({ description: 'How far it, or its undoing, has come.' }),
  estimatedSeconds: z.int().meta({ description: 'How long it will take, before it starts.', examples: [3] }),
  revoked: countsOf('What it has revoked.').nullable(),
  restored: countsOf('What its undoing has brought back.').nullable(),
  createdBy: accountField('Who drafted it.'),
  approvedBy: accountField('Who approved it.').nullable(),
  startedBy: accountField('Who started it.').nullable(),
  undoneBy: accountField('Who had it undone.').nullable(),
  createdAt: momentField('When it was drafted, and its targets frozen.'),
  approvedAt: momentField('When it was approved.').nullable(),
  startedAt: momentField('When it was started: what was issued later is left alone.').nullable(),
  endedAt: momentField('When it was done or cancelled.').nullable(),
  undoUntil: momentField('Until when it can be undone.').nullable(),
  undoneAt: momentField('When it was undone.').nullable(),
} as const

/** A bulk revocation as admins see it. */
export const revocationSchema = z
  .strictObject({
    ...fields,
    sample: z
      .array(sampleSchema)
      .meta({ description: 'Up to 20 of its targets; empty in lists, and once it has begun.' }),
  })
  .meta({ id: 'Revocation', description: 'A bulk revocation.' })

/** What became of one target. */
export const targetSchema = z
  .strictObject({
    accountId: accountField('Which.'),
    state: z.enum(targetStates).meta({ examples: ['done'] }),
    ...kindCounts,
    errorCode: z
      .string()
      .nullable()
      .meta({ description: 'Why it failed, if it did.', examples: [null] }),
    doneAt: momentField('When it was done.').nullable(),
  })
  .meta({ description: 'One account, and what was revoked of it.' })

/** The report. */
export const revocationReportSchema = z
  .strictObject({
    ...fields,
    targets: z
      .strictObject({
        pending: z.int().meta({ examples: [0] }),
        done: z.int().meta({ examples: [301] }),
        failed: z.int().meta({ examples: [0] }),
        undone: z.int().meta({ examples: [0] }),
      })
      .meta({ description: 'Accounts by outcome, counted at this moment.' }),
    failures: z
      .array(targetSchema)
      .meta({ description: 'Targets that failed: 100 at most. All targets stand in the CSV.', examples: [[]] }),
    timeline: z
      .array(
        z.strictObject({
          id: z
            .string()
            .meta({ description: 'Of the audit event.', examples: ['evt_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
          at: momentField('When.'),
          action: z.string().meta({ description: 'What.', examples: ['revocation_started'] }),
          actor: z.string().meta({ description: 'A role.', examples: ['admin'] }),
          actorId: accountField('Who.').nullable(),
          details: z
            .record(z.string(), z.unknown())
            .meta({ description: 'What besides.', examples: [{ accounts: 301 }] }),
        }),
      )
      .meta({ description: 'Its own audit events, oldest first; 200 at most.' }),
  })
  .meta({ id: 'RevocationReport', description: 'The report.' })
