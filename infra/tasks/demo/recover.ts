import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Client } from '@portcullis/client/create-client'
import { root } from '@portcullis/local/root'
import { ownersVisitor } from './cast.ts'
import { apiKeyDoor, passwordDoor, sessionDoor, sshDoor, tryDoors } from './door.ts'
import { waitForMail } from './mail.ts'
import { type Cast, type Play, tellRefused } from './part.ts'
import { demoDir, type Stage } from './stage.ts'
import type { Timeline } from './timeline.ts'

const newPassword = 'Slate-Otter-42-lantern'

type Item = NonNullable<
  Extract<Awaited<ReturnType<Client['recoverAccount']>>, { status: 200 }>['body']['items']
>[number]

const words: Readonly<Record<string, string>> = {
  api_key: 'API key',
  ssh_key: 'SSH key',
  second_factor: 'Second factor',
}

/** The owner comes back, by the mail and the authenticator; the intruder does not. Leaves the report. */
export async function recover(
  play: Play,
  cast: Cast,
  lockdown: { readonly id: string; readonly token: string },
): Promise<void> {
  const { line } = play
  line.act('The owner comes back')
  await walkBack(play, cast, lockdown)
  const token = await logIn(play.stage, cast)
  const session = ownersVisitor(play.stage).withCredential(token)
  line.act('Who gets in now')
  const { owner, product, host, doors } = cast
  // As the timer of the rented server does every minute.
  await host?.fetchRevoked()
  for (const door of await tryDoors(doors)) tellRefused(play, [{ ...door, name: `Intruder: ${door.name}` }])
  const made = await session.createApiKey({ body: { name: 'Nightly backup', scopes: ['product:servers'] } })
  const own = [
    passwordDoor(ownersVisitor(play.stage), owner.email, newPassword),
    sessionDoor(session),
    apiKeyDoor(product, made.body.key ?? ''),
    ...(host ? [sshDoor(host, 'owner')] : []),
  ]
  for (const { name, opened, said } of await tryDoors(own)) {
    line.tell(opened ? 'open' : 'wrong', `Owner: ${name} ${opened ? 'opens' : 'DOES NOT OPEN'}`, said)
    if (!opened) play.wrong(`${name} does not open for the owner`)
  }
  await leaveReport(play, token, lockdown.id)
}

async function walkBack(
  { stage, line }: Play,
  { owner }: Cast,
  { id, token }: { readonly id: string; readonly token: string },
): Promise<void> {
  const visitor = ownersVisitor(stage)
  type Step = Parameters<Client['recoverAccount']>[0]['body']
  const go = async (body: Step) => (await visitor.recoverAccount({ params: { id }, body })).body
  const { grant = '' } = await go({ step: 'begin', token })
  line.tell('note', 'by the link that was mailed to the trusted address,')
  const next = await go({ step: 'password', grant, password: newPassword, code: owner.code(0) })
  line.tell('note', 'with a new password and a code of the authenticator,')
  if (next.stage !== 'review') throw new Error(`the recovery asks for ${next.stage}`)
  line.tell('note', `gets ${next.backupCodes?.length ?? 0} new backup codes (the old ones open nothing), and reviews:`)
  const done = await go({ step: 'review', grant, decisions: decide(line, next.items ?? []) })
  if (done.state !== 'recovered') throw new Error(`the recovery ends at ${done.stage}`)
  const mail = await waitForMail(stage.inbox, owner.email, ({ subject }) => subject.includes('yours again'))
  line.tell('note', 'The account is active again', `“${mail.subject}”`)
}

/** What is older than the suspect window is the owner's; what was made in it is not. Credentials are told one by one. */
function decide(line: Timeline, items: readonly Item[]): { id: string; decision: 'keep' | 'undo' }[] {
  const decided = items.map((item) => ({ item, decision: item.suspect ? ('undo' as const) : ('keep' as const) }))
  const isCredential = ({ kind }: Item) => kind.endsWith('_key') || kind === 'second_factor'
  for (const { item, decision } of decided.filter(({ item: one }) => isCredential(one))) {
    const name = typeof item.summary['name'] === 'string' ? ` “${item.summary['name']}”` : ''
    line.tell('note', `${words[item.kind] ?? item.kind}${name}, ${item.occurredAt.slice(0, 10)}`, decision)
  }
  const others = decided.filter(({ item }) => !isCredential(item)).map(({ decision }) => decision)
  const count = (wanted: string) => others.filter((one) => one === wanted).length
  line.tell('note', 'sessions, logins and other changes', `undo ${count('undo')}, keep ${count('keep')}`)
  return decided.map(({ item, decision }) => ({ id: item.id, decision }))
}

async function logIn(stage: Stage, { owner }: Cast): Promise<string> {
  const visitor = ownersVisitor(stage)
  const login = await visitor.createSession({ body: { email: owner.email, password: newPassword } })
  if (login.status !== 200) throw new Error('no second step was asked for')
  const body = { challenge: login.body.challenge, code: owner.code(1) }
  const { token } = (await visitor.completeSecondFactor({ body })).body
  if (token === undefined) throw new Error('the login gave no token')
  return token
}

async function leaveReport({ stage, line, wrong }: Play, token: string, id: string): Promise<void> {
  const { body } = await ownersVisitor(stage).withCredential(token).getLockdownReport({ params: { id }, query: {} })
  if (body.state !== 'recovered') wrong(`the report calls the lockdown ${body.state}`)
  const path = `/v1/account/lockdowns/${id}/report?format=html`
  const page = await fetch(stage.gateway + path, { headers: { authorization: `Bearer ${token}` } })
  if (!page.ok || !page.headers.get('content-type')?.startsWith('text/html')) wrong(`the page answered ${page.status}`)
  mkdirSync(demoDir, { recursive: true, mode: 0o700 })
  const file = join(demoDir, 'report.html')
  writeFileSync(file, await page.text(), { mode: 0o600 })
  line.act('The report, for printing')
  const { timeline, steps, items } = body
  line.tell('note', `${timeline.length} events, ${steps.length} steps with their proof, ${items.length} items reviewed`)
  line.tell('note', `of ${id}`)
  line.tell('note', 'GET /v1/account/lockdowns/{id}/report?format=html')
  line.tell('note', `left in ${relative(root, file)}`)
}
