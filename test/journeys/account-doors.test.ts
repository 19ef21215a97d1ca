import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PageOf } from '@portcullis/client/call-type'
import type { Client } from '@portcullis/client/create-client'
import { createApiClient } from '@portcullis/domain/api-client/create'
import { findTool, type Tool, type ToolName } from '@portcullis/local/tool'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { type House, openHouse, tokenIn } from '../house.ts'

/** One owner goes through every door of the account, in the order in which people do; each step builds on the one before. */
const email = 'grace@example.com'
const stepSeconds = 30

let house: House
let folder = ''
let password = 'Correct-Horse-7-Battery'
/** The owner's client, with the session of the moment. */
let owner: Client
let secret = ''
let lastStep = 0
let backupCodes: string[] = []
const tools = new Map<ToolName, Tool | { unavailable: string }>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-doors-'))
  const names = ['oathtool', 'zbarimg'] as const
  await Promise.all(names.map(async (name) => tools.set(name, await findTool(name))))
  house = await openHouse({ services: ['gateway', 'relay', 'reset-mailer', 'notifier'] })
}, 180_000)
afterAll(async () => {
  await house?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A machine without the tool and without a way to get it cannot take this step; the run says so. */
function toolOrSkip(name: ToolName, context: TestContext): Tool {
  const tool = tools.get(name)
  if (!tool || 'unavailable' in tool) return context.skip(`no ${name}: ${tool?.unavailable ?? 'not looked for'}`)
  return tool
}

/** A code from oathtool that was not used: of this moment's step, or of the next where this one's was. The server takes a step to either side. */
function codeFrom(oathtool: Tool): string {
  lastStep = Math.max(lastStep + 1, Math.floor(Date.now() / 1000 / stepSeconds))
  return oathtool.run(['--totp', '--base32', `--now=@${lastStep * stepSeconds}`, '-'], `${secret}\n`).trim()
}

/** Logs in through both steps where two are asked for. */
async function logIn(deviceName: string, code: () => string): Promise<Client> {
  const first = await house.client().createSession({ body: { email, password, deviceName } })
  if (first.status === 201) return house.client(first.body.token)
  const second = await house.client().completeSecondFactor({ body: { challenge: first.body.challenge, code: code() } })
  return house.client(second.body.token)
}

/** What came of an attempt to log in; nothing for other entries of the history. */
const outcomeOf = (entry: PageOf<'listActivity'>['items'][number]) => ('outcome' in entry ? [entry.outcome] : [])
const nextBackupCode = () => backupCodes.shift() ?? ''
const refused = (status: number, code: string) => ({ name: 'ProblemError', status, code })

describe('an owner', () => {
  it('registers, confirms the address from the mail, and logs in', async () => {
    const asked = await house.client().registerAccount({ body: { email, password, name: 'Grace Example' } })
    expect(asked).toMatchObject({ status: 202, body: { status: 'accepted' } })
    const early = house.client().createSession({ body: { email, password } })
    await expect(early).rejects.toMatchObject(refused(401, 'login_refused'))
    const [mail] = await house.mails(email)
    expect((await house.client().verifyEmail({ body: { token: tokenIn(mail!) } })).status).toBe(204)
    const login = await house.client().createSession({ body: { email, password, deviceName: 'Laptop' } })
    if (login.status !== 201) throw new Error('no second step is due yet')
    expect(login.body.session).toMatchObject({ deviceName: 'Laptop', secondFactor: false, current: true })
    owner = house.client(login.body.token)
    expect((await owner.getAccount()).body).toMatchObject({ email, name: 'Grace Example', twoFactor: false })
  })

  it('enrols an authenticator app from the picture, as zbarimg reads it, with a code of oathtool', async (context) => {
    const [oathtool, zbarimg] = [toolOrSkip('oathtool', context), toolOrSkip('zbarimg', context)]
    const begun = (await owner.beginTwoFactor()).body
    const picture = join(folder, 'qr.png')
    writeFileSync(picture, Buffer.from(begun.qrPng, 'base64'))
    const seen = new URL(zbarimg.run(['-q', '--raw', picture]).trim())
    expect(seen.href).toBe(new URL(begun.otpauthUri).href)
    expect([seen.protocol, seen.host, seen.searchParams.get('secret')]).toEqual(['otpauth:', 'totp', begun.secret])
    secret = seen.searchParams.get('secret') ?? ''
    const confirmed = await owner.confirmTwoFactor({ body: { code: codeFrom(oathtool) } })
    backupCodes = confirmed.body.backupCodes
    expect(new Set(backupCodes).size).toBe(10)
    expect((await owner.getAccount()).body.twoFactor).toBe(true)
  })

  it('then logs in by a code of oathtool, which opens once', async (context) => {
    const oathtool = toolOrSkip('oathtool', context)
    let code = ''
    owner = await logIn('Laptop', () => (code = codeFrom(oathtool)))
    expect((await owner.getSession()).body).toMatchObject({ secondFactor: true })
    await expect(logIn('Thief', () => code)).rejects.toMatchObject(refused(401, 'login_refused'))
  })

  it('without the app logs in by a backup code, which opens once', async (context) => {
    toolOrSkip('oathtool', context)
    const code = nextBackupCode()
    const phone = await logIn('Phone', () => code)
    expect((await phone.countBackupCodes()).body).toEqual({ left: 9 })
    await expect(logIn('Thief', () => code)).rejects.toMatchObject(refused(401, 'login_refused'))
  })

  it('makes an API key that reads what its scopes allow and touches nothing, rotates and revokes it', async () => {
    const product = house.client(
      (await createApiClient(house.database, { name: 'shop', scopes: ['introspect', 'revoke'] })).secret,
    )
    const worthOf = async (token: string) => (await product.introspectToken({ body: { token } })).body
    const scopes = ['sessions:read', 'product:servers']
    const made = (await owner.createApiKey({ body: { name: 'Nightly backup', scopes } })).body
    const program = house.client(made.key ?? '')
    expect((await program.listSessions()).body.items.length).toBeGreaterThan(0)
    await expect(program.getAccount()).rejects.toMatchObject(refused(403, 'scope_missing'))
    const wish = { body: { name: 'More', scopes: ['account:read'] } }
    await expect(program.createApiKey(wish)).rejects.toMatchObject({ status: 403 })
    const { id: sub } = (await owner.getAccount()).body
    expect(await worthOf(made.key ?? '')).toMatchObject({ active: true, sub, scope: scopes.join(' '), jti: made.id })

    const rotated = (await owner.rotateApiKey({ params: { id: made.id }, body: { overlapSeconds: 600 } })).body
    for (const key of [made.key, rotated.key]) expect(await worthOf(key ?? '')).toMatchObject({ active: true })
    await expect(owner.rotateApiKey({ params: { id: made.id }, body: {} })).rejects.toMatchObject(
      refused(409, 'already_rotated'),
    )
    await owner.revokeApiKey({ params: { id: made.id } })
    await expect(program.listSessions()).rejects.toMatchObject(refused(401, 'credential_required'))
    expect(await worthOf(made.key ?? '')).toEqual({ active: false })
    expect((await house.client(rotated.key ?? '').listSessions()).status).toBe(200)
    await product.revokeToken({ body: { token: rotated.key ?? '' } })
    expect(await worthOf(rotated.key ?? '')).toEqual({ active: false })
    expect((await owner.listApiKeys()).body.items).toEqual([])
  })

  it('asking twice for one key under one name gets one, and sees its secret once', async () => {
    const wish = { body: { name: 'Once', scopes: ['account:read'] } }
    const first = (await owner.createApiKey(wish, { idempotencyKey: 'deploy-2026-11-22' })).body
    const again = (await owner.createApiKey(wish, { idempotencyKey: 'deploy-2026-11-22' })).body
    expect([again.id, again.key]).toEqual([first.id, undefined])
    expect(first.key).toMatch(/^pck_/)
    expect((await owner.listApiKeys()).body.items.map(({ id }) => id)).toEqual([first.id])
  })

  it('adds an SSH key of ssh-keygen, which tells the same fingerprint, and revokes it', async (context) => {
    const file = join(folder, 'key')
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'grace@laptop', '-f', file])
    if (made.error) return context.skip('no ssh-keygen on this machine')
    const publicKey = readFileSync(`${file}.pub`, 'utf8')
    const told = spawnSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' }).stdout
    const { body: key } = await owner.addSshKey({ body: { name: 'Work laptop', publicKey } })
    expect(told.split(' ')[1]).toBe(key.fingerprint)
    expect(publicKey.startsWith(key.publicKey)).toBe(true)
    const twice = owner.addSshKey({ body: { name: 'Again', publicKey } })
    await expect(twice).rejects.toMatchObject(refused(409, 'already_there'))
    const renamed = await owner.renameSshKey({ params: { id: key.id }, body: { name: 'Old laptop' } })
    expect(renamed.body.name).toBe('Old laptop')
    expect((await owner.revokeSshKey({ params: { id: key.id } })).status).toBe(204)
    expect((await owner.listSshKeys()).body.items).toEqual([])
    await expect(owner.revokeSshKey({ params: { id: key.id } })).rejects.toMatchObject(refused(404, 'not_found'))
  })

  it('sees every session, ends one, and ends all others; each is refused from the answer on', async () => {
    const [tablet, kiosk] = [await logIn('Tablet', nextBackupCode), await logIn('Kiosk', nextBackupCode)]
    const { items } = (await owner.listSessions()).body
    expect(items.map(({ deviceName }) => deviceName)).toEqual(expect.arrayContaining(['Laptop', 'Tablet', 'Kiosk']))
    expect(items.filter(({ current }) => current)).toHaveLength(1)
    const id = items.find(({ deviceName }) => deviceName === 'Tablet')?.id ?? ''
    await owner.revokeSession({ params: { id } })
    await expect(tablet.getSession()).rejects.toMatchObject(refused(401, 'credential_required'))
    expect((await kiosk.getSession()).status).toBe(200)
    const { body } = await owner.revokeSessions({ query: { except: 'current' } })
    expect(body.revoked).toBe(items.length - 2)
    await expect(kiosk.getSession()).rejects.toMatchObject(refused(401, 'credential_required'))
    expect((await owner.listSessions()).body.items).toHaveLength(1)
  })

  it('changes the password: the other session ends, the old one opens nothing, the new one does', async () => {
    const other = await logIn('Phone', nextBackupCode)
    const old = password
    const newPassword = 'Another-Fine-9-Day'
    const wrong = owner.changePassword({ body: { currentPassword: 'Not-This-1-Either', newPassword } })
    await expect(wrong).rejects.toMatchObject(refused(403, 'proof_refused'))
    const weak = await owner
      .changePassword({ body: { currentPassword: old, newPassword: 'weak' } })
      .catch((e: unknown) => e)
    expect(weak).toMatchObject({ code: 'password_refused', errors: expect.arrayContaining([expect.anything()]) })
    expect((await owner.changePassword({ body: { currentPassword: old, newPassword } })).status).toBe(204)
    await expect(other.getSession()).rejects.toMatchObject(refused(401, 'credential_required'))
    const late = house.client().createSession({ body: { email, password: old } })
    await expect(late).rejects.toMatchObject(refused(401, 'login_refused'))
    password = newPassword
    owner = await logIn('Laptop', nextBackupCode)
  })

  it('proves to be there, goes on with the new token, and finds every attempt in the history', async () => {
    const needsCode = backupCodes.length > 0
    const { body } = await owner.proveSession({ body: { password, ...(needsCode && { code: nextBackupCode() }) } })
    await expect(owner.getSession()).rejects.toMatchObject(refused(401, 'credential_required'))
    owner = owner.withCredential(body.token)
    const seen: string[] = []
    for await (const page of owner.pages('listActivity', { query: { limit: 2 } })) {
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.flatMap(outcomeOf))
    }
    expect(seen).toEqual((await owner.listActivity()).body.items.flatMap(outcomeOf))
    expect(seen).toEqual(expect.arrayContaining(['success', 'wrong_password']))
  })

  it('logs out, and the token opens nothing', async () => {
    expect((await owner.deleteSession()).status).toBe(204)
    await expect(owner.getSession()).rejects.toMatchObject(refused(401, 'credential_required'))
  })

  it('was told of it by mail, and no mail holds a key or a code', async () => {
    const mails = await house.mails(email, 6)
    const subjects = mails.map(({ subject }) => subject).join('\n')
    expect(subjects).toContain('password was changed')
    const text = mails.map((mail) => mail.text + mail.html).join('\n')
    expect(text).not.toMatch(/pc[skh]_\w/)
    const hidden = [secret, ...backupCodes, password].filter((one) => one !== '')
    expect(hidden.filter((one) => text.includes(one))).toEqual([])
  })
})
