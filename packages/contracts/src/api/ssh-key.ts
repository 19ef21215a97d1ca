import { z } from 'zod'
import { idPrefixes, publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { deviceNameField, momentField } from './field.ts'
import { listOf } from './list.ts'

const sshKeyNameField = deviceNameField.meta({ description: 'A name for the key.', examples: ['Work laptop'] })

/** How a key stands on one rented server. */
const deploymentSchema = z.strictObject({
  rentalId: z.string().meta({ description: 'The product’s name of the rental.', examples: ['srv-4711'] }),
  state: z.enum(['pending', 'deployed', 'withdrawn']).meta({
    description: 'Pending: the host has not fetched it yet. Deployed: it has. Withdrawn: it is no longer given out.',
  }),
  changedAt: momentField('Since when.'),
  confirmedAt: momentField('When the host fetched its keys after that; null while it has not.').nullable(),
})

/** An SSH key as its owner sees it. */
export const sshKeySchema = z
  .strictObject({
    id: z
      .string()
      .meta({ description: 'Names the key.', examples: [`${idPrefixes.sshKey}_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f`] }),
    name: sshKeyNameField,
    type: z.string().meta({ description: 'As OpenSSH names it.', examples: ['ssh-ed25519'] }),
    fingerprint: z.string().meta({
      description: 'As `ssh-keygen -l` shows it.',
      examples: ['SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8'],
    }),
    publicKey: z.string().meta({
      description: 'Type and data, as servers are given it.',
      examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea'],
    }),
    createdAt: momentField('When it was added.'),
    deployments: z.array(deploymentSchema).meta({
      description: 'How it stands on the servers that are rented now: the latest 100 changes.',
      examples: [[]],
    }),
  })
  .meta({ id: 'SshKey', description: 'An SSH key.' })

/** `GET /v1/account/ssh-keys`: the owner's keys. */
export const listSshKeys = defineEndpoint({
  method: 'GET',
  path: '/v1/account/ssh-keys',
  name: 'listSshKeys',
  group: 'SSH keys',
  summary: 'My SSH keys',
  description: 'The living ones, newest first; three at most, so there is one page.',
  access: { kind: 'session', proof: false, apiKeyScope: 'ssh-keys:read' },
  answers: { 200: listOf('SshKeyList', sshKeySchema) },
  refusals: [],
})

/** `POST /v1/account/ssh-keys`: add a key. */
export const addSshKey = defineEndpoint({
  method: 'POST',
  path: '/v1/account/ssh-keys',
  name: 'addSshKey',
  group: 'SSH keys',
  summary: 'Add an SSH key',
  description:
    'Takes the text of a `.pub` file: Ed25519, ECDSA, RSA of 3072 bits or more, and security keys. Options, certificates, ' +
    'several lines and weak keys are refused at `/publicKey` with a code of their own; the comment is dropped. The key is put on every ' +
    'server that the account rents, and on later ones. Three at a time. The owner is told by mail.',
  access: { kind: 'session', proof: true },
  body: z.strictObject({
    name: sshKeyNameField,
    publicKey: z.string().meta({
      description: 'One line, as `ssh-keygen` writes it. Never the private half.',
      examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea ada@laptop'],
    }),
  }),
  idempotent: true,
  answers: { 201: sshKeySchema },
  refusals: ['already_there', 'limit_reached', 'idempotency_key_reused', 'cross_site_refused'],
})

const sshKeyParams = z.strictObject({ id: publicId('sshKey') })

/** `PATCH /v1/account/ssh-keys/{id}`: rename a key. */
export const renameSshKey = defineEndpoint({
  method: 'PATCH',
  path: '/v1/account/ssh-keys/{id}',
  name: 'renameSshKey',
  group: 'SSH keys',
  summary: 'Rename an SSH key',
  description: 'The name is for its owner alone; no server sees it.',
  access: { kind: 'session', proof: true },
  params: sshKeyParams,
  body: z.strictObject({ name: sshKeyNameField }),
  answers: { 200: sshKeySchema },
  refusals: ['not_found', 'cross_site_refused'],
})

/** `DELETE /v1/account/ssh-keys/{id}`: revoke a key. */
export const revokeSshKey = defineEndpoint({
  method: 'DELETE',
  path: '/v1/account/ssh-keys/{id}',
  name: 'revokeSshKey',
  group: 'SSH keys',
  summary: 'Revoke an SSH key',
  description:
    'From the answer on no server is given it, and it stands on the revocation list. Shells that are open stay open. A key ' +
    'that is revoked, unknown or somebody else’s is answered alike.',
  access: { kind: 'session', proof: true },
  params: sshKeyParams,
  answers: { 204: null },
  refusals: ['not_found', 'cross_site_refused'],
})
