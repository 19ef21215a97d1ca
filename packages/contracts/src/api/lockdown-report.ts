import { z } from 'zod'
import { lockdownStepNames } from '../lockdown-step.ts'
import { momentField } from './field.ts'

/** Names a lockdown in answers. */
export const lockdownIdField = z
  .string()
  .meta({ description: 'Names the lockdown.', examples: ['lck_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] })

const stateFields = {
  id: lockdownIdField,
  trigger: z
    .enum(['owner', 'link', 'admin', 'api_client', 'signal', 'email_reverted'])
    .meta({ description: 'What set it off.', examples: ['owner'] }),
  state: z
    .enum(['open', 'contained', 'recovered'])
    .meta({ description: 'Contained: every step is proven. Recovered: the owner is back.', examples: ['contained'] }),
  recovery: z
    .enum(['none', 'begun', 'second_factor', 'review', 'done'])
    .meta({ description: 'How far the owner has come.', examples: ['none'] }),
  compromisedSince: momentField('What was made since is suspect.'),
  joined: z.int().meta({ description: 'How many later triggers it took in.', examples: [0] }),
  openedAt: momentField('When the account was locked.'),
  containedAt: momentField('When every step was proven.').nullable(),
  recoveredAt: momentField('When the owner was back.').nullable(),
} as const

/** A lockdown as its owner sees it. */
export const lockdownSchema = z
  .strictObject(stateFields)
  .meta({ id: 'Lockdown', description: 'A lockdown of the account.' })

const record = (description: string, example: Record<string, unknown>) =>
  z.record(z.string(), z.unknown()).meta({ description, examples: [example] })

/** A step of a lockdown, with its proof. */
export const lockdownStepSchema = z.strictObject({
  step: z.enum(lockdownStepNames as [string, ...string[]]).meta({ description: 'Which.', examples: ['sessions'] }),
  title: z.string().meta({ description: 'In words.', examples: ['Sessions were ended'] }),
  state: z.enum(['pending', 'acted', 'proven']).meta({
    description: 'Acted: done, not yet seen to hold. Proven: read back.',
    examples: ['proven'],
  }),
  attempts: z.int().meta({ description: 'Runs so far.', examples: [1] }),
  counts: record('What it did.', { revoked: 3 }),
  proof: record('What was read back; null until then.', { living: 0 }).nullable(),
  errorCode: z
    .string()
    .nullable()
    .meta({ description: 'Why the last run failed, if it did.', examples: [null] }),
  actedAt: momentField('When it was done.').nullable(),
  provenAt: momentField('When it was proven.').nullable(),
})

/** Something for the owner to look through. */
export const lockdownItemSchema = z.strictObject({
  id: z.string().meta({ description: 'Names the item.', examples: ['itm_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
  kind: z
    .enum(['session', 'login', 'api_key', 'ssh_key', 'second_factor', 'email_change', 'password', 'transaction'])
    .meta({ description: 'What it is.', examples: ['ssh_key'] }),
  subject: z.string().meta({
    description: 'Which: an id of ours, or the product’s own name of a transaction.',
    examples: ['0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'],
  }),
  occurredAt: momentField('When it was made or happened.'),
  summary: record('What is known of it. No secret.', { name: 'Laptop' }),
  suspect: z.boolean().meta({ description: 'Whether it happened since `compromisedSince`.', examples: [true] }),
  decision: z
    .enum(['keep', 'undo'])
    .nullable()
    .meta({ description: 'What was decided.', examples: ['undo'] }),
  decidedBy: z
    .enum(['owner', 'rule'])
    .nullable()
    .meta({
      description: '`rule`: nobody decided, and what is suspect is undone then.',
      examples: ['owner'],
    }),
  decidedAt: momentField('When.').nullable(),
})

/** How a report is wanted. */
export const reportQuery = z.strictObject({
  format: z
    .enum(['json', 'html'])
    .optional()
    .meta({ description: '`html`: a page for printing.', examples: ['json'] }),
})

/** The report of a lockdown. */
export const lockdownReportSchema = z
  .strictObject({
    ...stateFields,
    accountId: z.string().meta({ description: 'Whose.', examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'As it was given.', examples: ['My laptop was stolen'] }),
    txn: z.string().meta({
      description: 'One for all security events of this lockdown.',
      examples: ['0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'],
    }),
    snapshot: record('What there was when it was opened: ids and counts.', { sessions: [] }),
    timeline: z
      .array(
        z.strictObject({
          id: z
            .string()
            .meta({ description: 'Of the audit event.', examples: ['evt_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
          at: momentField('When.'),
          milliseconds: z.int().meta({ description: 'Since the account was locked.', examples: [12] }),
          action: z.string().meta({ description: 'What, in one word.', examples: ['account_locked'] }),
          actor: z.string().meta({ description: 'Who: a role.', examples: ['account'] }),
          subject: z.strictObject({
            kind: z.string().meta({ description: 'About what.', examples: ['lockdown'] }),
            id: z.string().meta({ description: 'Which.', examples: ['0198f3c2-4a7b-7d1e-9c3f-5a6b7c8d9e0f'] }),
          }),
          details: record('What besides: ids, counts, codes.', { trigger: 'owner' }),
        }),
      )
      .meta({ description: 'The audit events of the account since then, oldest first; 500 at most.' }),
    steps: z.array(lockdownStepSchema).meta({ description: 'Each with its proof.' }),
    unconfirmedHosts: z
      .array(
        z.strictObject({
          rentalId: z.string().meta({ description: 'The product’s name of the rental.', examples: ['srv-4711'] }),
          host: z.string().meta({ description: 'Where it is.', examples: ['srv-4711.example.com'] }),
          withdrawnAt: momentField('When its keys were withdrawn.'),
          lastFetchedAt: momentField('When the server last asked for its keys.').nullable(),
        }),
      )
      .meta({
        description: 'Servers that have not fetched their keys since: read at this moment, 200 at most.',
        examples: [[]],
      }),
    items: z.array(lockdownItemSchema).meta({ description: 'What was looked through, and what was decided.' }),
  })
  .meta({ id: 'LockdownReport', description: 'The report.' })
