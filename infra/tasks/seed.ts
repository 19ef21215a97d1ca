import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The account that a development house starts with. */
export const demoAccount = { email: 'demo@example.com', password: 'Quiet-Harbour-71', name: 'Demo' } as const

/** Where the demo account is to be made. */
export interface Seed {
  readonly gateway: string
  /** Undefined: mail goes elsewhere, and nobody here can read it. */
  readonly inbox: string | undefined
  /** File that remembers that this database has the account. */
  readonly marker: string
}

/** Whether the account is there; `asMade`: with the password it was made with. */
export type Seeded =
  | { readonly ready: true; readonly asMade: boolean }
  | { readonly ready: false; readonly why: string }

const waitSeconds = 20

/** What `GET /messages` of the inbox gives, as far as it is read here. */
interface Mail {
  readonly id: string
  readonly text: string
}

/**
 * Makes the demo account the way every account is made: register, read the mail, confirm. Answers with whether it is there now,
 * and else why not; it never throws, as a house without it is a house all the same.
 */
export async function seedDemoAccount(seed: Seed): Promise<Seeded> {
  if (hasMarker(seed.marker)) return { ready: true, asMade: await isAsMade(seed.gateway) }
  if (seed.inbox === undefined) return { ready: false, why: 'mail goes to SMTP_URL, so its link cannot be read here' }
  try {
    await register(seed.gateway, seed.inbox)
  } catch (error) {
    return { ready: false, why: error instanceof Error ? error.message : String(error) }
  }
  mkdirSync(dirname(seed.marker), { recursive: true, mode: 0o700 })
  writeFileSync(seed.marker, JSON.stringify({ email: demoAccount.email }), { mode: 0o600 })
  return { ready: true, asMade: true }
}

/** Whether the password is still the one it was made with: whoever took the tour has set another. */
async function isAsMade(gateway: string): Promise<boolean> {
  const { email, password } = demoAccount
  const login = await send(`${gateway}/v1/sessions`, { email, password, deviceName: 'npm start' }).catch(
    () => undefined,
  )
  if (!login?.ok) return login === undefined
  const { token } = (await login.json()) as { readonly token?: string }
  // A second factor may be asked for; else this was a session that nobody needs.
  if (token !== undefined) {
    await fetch(`${gateway}/v1/account/session`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } })
  }
  return true
}

function hasMarker(file: string): boolean {
  try {
    return readFileSync(file, 'utf8').includes(demoAccount.email)
  } catch {
    return false
  }
}

async function register(gateway: string, inbox: string): Promise<void> {
  const before = await listMails(`${inbox}/messages?to=${encodeURIComponent(demoAccount.email)}`)
  const after = before[0]?.id ?? '0'
  await post(`${gateway}/v1/accounts`, demoAccount)
  const [mail] = await listMails(
    `${inbox}/messages?to=${encodeURIComponent(demoAccount.email)}&after=${after}&waitSeconds=${waitSeconds}`,
  )
  if (!mail) throw new Error(`no mail came within ${waitSeconds} s`)
  // A link holds a token of 43 characters; the mail to an address that has its account already holds none.
  const token = /https?:\/\/\S*[=#/]([\w-]{43})(?![\w-])/.exec(mail.text)?.[1]
  if (token !== undefined) await post(`${gateway}/v1/email-verifications`, { token })
}

async function listMails(address: string): Promise<readonly Mail[]> {
  const answer = await fetch(address, { signal: AbortSignal.timeout((waitSeconds + 5) * 1_000) })
  return (await answer.json()) as readonly Mail[]
}

async function post(address: string, body: unknown): Promise<void> {
  const answer = await send(address, body)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${new URL(address).pathname} answered ${answer.status} ${text.slice(0, 300)}`)
}

function send(address: string, body: unknown): Promise<Response> {
  return fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(15_000),
  })
}
