import { findAccount, letIntruderIn, makeAdmin, makeOwner, makeProduct, register, rentServer } from './cast.ts'
import { apiKeyDoor, passwordDoor, sessionDoor, sshDoor, tryDoors } from './door.ts'
import { readLink, waitForMail } from './mail.ts'
import { type Cast, type Play, tellRefused } from './part.ts'
import { recover } from './recover.ts'
import { openRentalHost, whyNoSshd } from './rental-host.ts'
import { until } from './wait.ts'
import type { Keep } from '../house.ts'

const email = 'ada@example.com'
const password = 'Quiet-Harbour-71'

/** Plays the worst hour from its beginning to its end. Rejects where it cannot go on. */
export async function playWorstHour(play: Play, keep: Keep): Promise<void> {
  const cast = await setOut(play, keep)
  await breakIn(play, cast)
  await lock(play, cast)
  const lockdown = await contain(play, cast)
  await recover(play, cast, lockdown)
}

/** An owner, a product and its people, before anything has happened; and the intruder with their keys. */
async function setOut({ stage, line }: Play, keep: Keep): Promise<Cast> {
  line.act('Three weeks ago')
  const [token, admin, product] = await Promise.all([
    register(stage, email, password, 'Ada Example'),
    makeAdmin(stage, 'desk@example.com', 'Steady-Lantern-38'),
    makeProduct(stage),
  ])
  line.tell('note', `${email} registers and confirms by the mail`)
  const events = ['account.locked', 'lockdown.contained', 'account.recovered'] as const
  const body = { url: stage.receiver.hookUrl, description: 'Fraud desk', events: [...events] }
  stage.receiver.trust((await admin.createWebhook({ body })).body.secret ?? '')
  line.tell('note', 'The product listens: signed webhooks, and the chat of support')
  const id = await findAccount(stage, email)
  const why = whyNoSshd()
  const rental = 'srv-4711'
  const rentalToken = await rentServer(product, id, rental)
  const host = why ? undefined : await openRentalHost(stage.gateway, { id: rental, token: rentalToken }, keep)
  const session = stage.client('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', token)
  const owner = await makeOwner(stage, { email, password, session, id }, host)
  line.tell('note', 'Second factor, ten backup codes, an API key for a nightly job')
  if (host) line.tell('note', `A rented server, ${rental}, with a real sshd, and an SSH key`)
  else line.tell('note', `No rented server here: ${why}. That door is left out`)
  line.act('Last night')
  const intruder = await letIntruderIn(stage, owner, host)
  line.tell('note', 'An intruder with a phished password and backup code logs in')
  line.tell(
    'note',
    `They make ${host ? 'keys of their own, API and SSH' : 'an API key of their own'}, to come back with`,
  )
  const doors = [
    passwordDoor(intruder.visitor, email, password),
    sessionDoor(intruder.session),
    apiKeyDoor(product, intruder.apiKey),
    ...(host ? [sshDoor(host, 'intruder')] : []),
  ]
  return { owner, intruder, admin, product, host, doors }
}

async function breakIn({ line, wrong }: Play, { doors }: Cast): Promise<void> {
  line.act('Now: every door is open to the intruder')
  for (const { name, opened, said } of await tryDoors(doors)) {
    line.tell(opened ? 'open' : 'wrong', `${name} opens`, said)
    // A door that was never open proves nothing by being refused later.
    if (!opened) wrong(`${name} was not open to begin with`)
  }
}

/** The owner presses the button of a mail that nobody asked for. */
async function lock({ stage, line, wrong }: Play, { owner, doors }: Cast): Promise<void> {
  line.act('The owner reads a mail')
  const mail = await waitForMail(stage.inbox, owner.email, ({ subject }) => subject.includes('new device'))
  const token = /\/secure-account#token=([\w-]{43})/.exec(mail.text)?.[1] ?? ''
  line.tell('note', `“${mail.subject}”`)
  const page = await fetch(`${stage.gateway}/secure-account`)
  await page.text()
  if (page.status !== 200) wrong(`the page of the link answered ${page.status}`)
  line.tell('note', 'and presses “This wasn’t me”', 'POST /v1/lockdown-links')
  const asked = performance.now()
  const answer = await stage.client('Mozilla/5.0 (X11; Linux x86_64; rv:140.0)').useLockdownLink({
    body: { token },
  })
  line.answered()
  const answeredAt = performance.now()
  line.after('note', 'Locked', `${answer.status} after ${Math.round(answeredAt - asked)} ms`, 0)
  line.act('Every door is tried again, at once')
  tellRefused({ line, wrong }, await tryDoors(doors), answeredAt)
}

/** What follows by itself: tidied, told, each step read back. Gives what leads the owner back in. */
async function contain(
  { stage, line, wrong }: Play,
  { owner, admin, host }: Cast,
): Promise<{ readonly id: string; readonly token: string }> {
  line.act('What follows by itself, each step read back from the store')
  const { mail, groups } = await readLink(
    stage.inbox,
    owner.email,
    /\/recover-account#lockdown=(lck_[0-9a-f]{32})&token=([\w-]{43})/,
  )
  const [id = '', token = ''] = groups
  const report = await until('every step is proven', async () => {
    const { body } = await admin.getLockdownReportAsStaff({ params: { id }, query: {} })
    return body.state === 'contained' && body
  })
  const opened = Date.parse(report.openedAt)
  for (const step of report.steps) {
    const proven = step.state === 'proven'
    const facts = { ...step.counts, ...step.proof }
    line.after(proven ? 'shut' : 'wrong', step.title, tellFacts(facts), Date.parse(step.provenAt ?? '') - opened)
    if (!proven) wrong(`${step.step} is not proven`)
  }
  line.after('note', 'Contained', '', Date.parse(report.containedAt ?? '') - opened)
  const told = await until('webhooks and support are told', () => {
    const types = stage.receiver.events.map(({ type }) => type)
    return types.includes('lockdown.contained') && stage.receiver.support.length > 0 && types
  })
  line.tell('note', `Mail to the owner: “${mail.subject}”`)
  line.tell('note', 'Support’s chat and the signed webhooks:', told.join(', '))
  if (stage.receiver.forged() > 0) wrong('a webhook could not be verified')
  // As the timer of the rented server does every minute.
  if (host) await host.fetchRevoked()
  return { id, token }
}

/** The counts and proofs of a step, in a few words. */
function tellFacts(facts: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(facts).map(([name, value]) => {
    const plain = name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll('_', ' ')
    const told = Array.isArray(value) ? value.length : typeof value === 'string' ? value : JSON.stringify(value)
    return `${plain} ${told}`
  })
  return words.join(', ')
}
