import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { isSignedByGithub, readGithubKey } from './github-signature.ts'

const pemOf = (spki: string) =>
  `-----BEGIN PUBLIC KEY-----\n${spki.slice(0, 64)}\n${spki.slice(64)}\n-----END PUBLIC KEY-----\n`

/** The test vectors that GitHub has published, older and newer. */
const vectors = [
  {
    spki: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9MJJHnMfn2+H4xL4YaPDA4RpJqUqkCmRCBnYERxZanmcpzQSXs1X/AljlKkbJ8qpVIW4clayyef9gWhFbNHWAA==',
    signature: 'MEUCIQDKZokqnCjrRtw0tni+2Ltvl/uiMJ1EGumEsp1BsNr32AIgQY1YXD2nlj+XNfGK4rBfkMJ1JDOQcYXxa2sY8FNkrKc=',
    body: '[{"token":"some_token","type":"some_type","url":"some_url"}]',
  },
  {
    spki: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gPHzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==',
    signature: 'MEUCIFLZzeK++IhS+y276SRk2Pe5LfDrfvTXu6iwKKcFGCrvAiEAhHN2kDOhy2I6eGkOFmxNkOJ+L2y8oQ9A2T9GGJo6WJY=',
    body: '[{"token":"some_token","type":"some_type","url":"some_url","source":"some_source"}]',
  },
]

function keyOf(spki: string) {
  const key = readGithubKey(pemOf(spki))
  if (!key) throw new Error('the vector holds a key')
  return key
}

const bytes = (text: string) => new TextEncoder().encode(text)

it.each(vectors)('a report that GitHub signed is taken: $body', ({ spki, signature, body }) => {
  expect(isSignedByGithub(keyOf(spki), bytes(body), signature)).toBe(true)
})

it.each([
  ['one space more in the body', ({ body }: (typeof vectors)[0]) => ({ body: body.replace(',', ', ') })],
  ['a line end after it', ({ body }: (typeof vectors)[0]) => ({ body: `${body}\n` })],
  ['a signature that was cut', ({ signature }: (typeof vectors)[0]) => ({ signature: signature.slice(0, -8) })],
  [
    'one bit of the signature changed',
    ({ signature }: (typeof vectors)[0]) => ({ signature: `MEUDIQ${signature.slice(6)}` }),
  ],
  ['no signature', () => ({ signature: '' })],
  ['a signature that is no base64', () => ({ signature: '!'.repeat(96) })],
])('a report with %s is refused', (_, change) => {
  for (const vector of vectors) {
    const { spki, signature, body } = { ...vector, ...change(vector) }
    expect(isSignedByGithub(keyOf(spki), bytes(body), signature)).toBe(false)
  }
})

it('a report that another key signed is refused', () => {
  const [first, second] = vectors
  if (!first || !second) throw new Error('there are two vectors')
  expect(isSignedByGithub(keyOf(second.spki), bytes(first.body), first.signature)).toBe(false)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const forged = sign('sha256', bytes(first.body), privateKey).toString('base64')
  expect(isSignedByGithub(keyOf(first.spki), bytes(first.body), forged)).toBe(false)
})

it('a key that is not ECDSA on P-256 is none', () => {
  const others = [
    generateKeyPairSync('ed25519').publicKey,
    generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey,
    generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
  ]
  for (const key of others)
    expect(readGithubKey(key.export({ format: 'pem', type: 'spki' }).toString())).toBeUndefined()
  expect(readGithubKey('nonsense')).toBeUndefined()
})
