import { z } from 'zod'
import { publicId } from '../ids.ts'
import { defineEndpoint } from './endpoint.ts'
import { momentField } from './field.ts'

const rentalIdField = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must be 1 to 100 letters, digits and . _ - and start with a letter or digit',
  )
  .meta({ description: 'The product’s own name of the rental. Used once.', examples: ['srv-4711'] })

const rentalSchema = z
  .strictObject({
    id: rentalIdField,
    accountId: z.string().meta({ description: 'Who rents it.', examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
    host: z.string().meta({ description: 'Where it is.', examples: ['srv-4711.example.com'] }),
    createdAt: momentField('When it was first told of.'),
    keys: z
      .array(
        z.strictObject({
          id: z.string().meta({ description: 'Names the key.', examples: ['ssh_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'] }),
          state: z.enum(['pending', 'deployed', 'withdrawn']),
          changedAt: momentField('Since when.'),
          confirmedAt: momentField('When the host fetched its keys after that; null while it has not.').nullable(),
        }),
      )
      .meta({ description: 'How the renter’s SSH keys stand on it: the latest 20 changes.', examples: [[]] }),
    rentalToken: z
      .string()
      .optional()
      .meta({
        description: 'With it the host asks for its keys. Shown once: only in the answer that made the rental.',
        examples: ['prt_mVw0sX4c2k9B7yTqLr5eJH1dZp8uNa3fGo6iYxKtQbE'],
      }),
  })
  .meta({ id: 'Rental', description: 'A rented server.' })

const rentalParams = z.strictObject({ id: rentalIdField })

/** `PUT /v1/rentals/{id}`: a server was rented. */
export const startRental = defineEndpoint({
  method: 'PUT',
  path: '/v1/rentals/{id}',
  name: 'startRental',
  group: 'Rentals',
  summary: 'Tell of a rental',
  description:
    'The living SSH keys of the account are put on it, and each that is added later. Telling of it again gives 200, another ' +
    'host if there is one, and no token. A name is used once, also after the server was given back.',
  access: { kind: 'client', scope: 'rentals:write' },
  params: rentalParams,
  body: z.strictObject({
    accountId: publicId('account').meta({
      description: 'Who rents it.',
      examples: ['acc_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f'],
    }),
    host: z
      .string()
      .regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/, 'must be a host name or a network address')
      .meta({ description: 'Host name or network address.', examples: ['srv-4711.example.com'] }),
  }),
  answers: { 200: rentalSchema, 201: rentalSchema },
  refusals: ['not_found', 'already_there'],
})

/** `DELETE /v1/rentals/{id}`: a server was given back. */
export const endRental = defineEndpoint({
  method: 'DELETE',
  path: '/v1/rentals/{id}',
  name: 'endRental',
  group: 'Rentals',
  summary: 'End a rental',
  description:
    'Its token is refused from the answer on, and every key is withdrawn. One that is over or unknown is answered alike.',
  access: { kind: 'client', scope: 'rentals:write' },
  params: rentalParams,
  answers: { 204: null },
  refusals: ['not_found'],
})

/** `GET /v1/rentals/{id}/authorized-keys`: what `AuthorizedKeysCommand` prints. */
export const fetchAuthorizedKeys = defineEndpoint({
  method: 'GET',
  path: '/v1/rentals/{id}/authorized-keys',
  name: 'fetchAuthorizedKeys',
  group: 'Rentals',
  summary: 'Keys of a rented server',
  description:
    'For AuthorizedKeysCommand of sshd: a line for each key that may log in now, `type base64 portcullis:key-id`, and nothing ' +
    'else. Judged at this moment. Every refusal has an empty body, so that a host that reads it lets nobody in: an unknown or ended ' +
    'rental, an account that is not active, keys that are all void.',
  access: { kind: 'rental' },
  params: rentalParams,
  query: z.strictObject({
    user: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/, 'must be the name of a user')
      .meta({ description: 'Who wants to log in: `%u`.', examples: ['root'] }),
  }),
  media: 'text/plain',
  answers: {
    200: z.string().meta({
      id: 'AuthorizedKeys',
      description: 'Lines for sshd; none where no key may log in.',
      examples: [
        'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea portcullis:ssh_0198f3c24a7b7d1e9c3f5a6b7c8d9e0f\n',
      ],
    }),
  },
  refusals: ['not_found'],
})

/** `GET /v1/ssh/revoked-keys.krl`: what `RevokedKeys` names. */
export const fetchRevokedKeys = defineEndpoint({
  method: 'GET',
  path: '/v1/ssh/revoked-keys.krl',
  name: 'fetchRevokedKeys',
  group: 'Rentals',
  summary: 'Revocation list of a rented server',
  description:
    'For RevokedKeys of sshd (OpenSSH 7.9 or newer): every key of the renter’s account that must open nothing now, as an OpenSSH ' +
    'KRL. It holds also where a key was copied into a file on the server. With `If-None-Match` 304 while it has not changed. Refusals have an empty body.',
  access: { kind: 'rental' },
  media: 'application/octet-stream',
  answers: {
    200: z.string().meta({ id: 'RevokedKeys', description: 'An OpenSSH KRL.', format: 'binary', examples: [''] }),
    304: null,
  },
  refusals: [],
})
