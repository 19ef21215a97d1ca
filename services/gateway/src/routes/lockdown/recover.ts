import { Failure } from '@portcullis/contracts/errors'
import type { Id } from '@portcullis/contracts/ids'
import type { Caller } from '@portcullis/domain/caller'
import { beginRecovery } from '@portcullis/domain/lockdown/recover-begin'
import { type NextStage, recoverPassword, type RecoveryDeps } from '@portcullis/domain/lockdown/recover-password'
import { recoverReview } from '@portcullis/domain/lockdown/recover-review'
import { recoverSecondFactor } from '@portcullis/domain/lockdown/recover-second-factor'
import { qrPng, qrSvg } from '@portcullis/domain/two-factor/qr'
import type { Answer, Call, Route } from '../../http/mount.ts'
import { showItem } from './show.ts'

type Body = Call<'recoverAccount'>['body']
type Step<Name extends Body['step']> = Extract<Body, { step: Name }>

/** `POST /v1/account/lockdowns/{id}/recovery`. */
export function recoverAccountRoute(deps: RecoveryDeps): Route<'recoverAccount'> {
  return async ({ params: { id }, body, caller }) => {
    switch (body.step) {
      case 'begin':
        return begin(deps, id, body, caller)
      case 'password':
        return password(deps, id, body, caller)
      case 'second_factor':
        return secondFactor(deps, id, body, caller)
      case 'review':
        return review(deps, id, body, caller)
    }
  }
}

async function begin(deps: RecoveryDeps, id: Id<'lockdown'>, body: Step<'begin'>, caller: Caller): Promise<Answer> {
  if ((body.token === undefined) === (body.grant === undefined)) {
    const fault = { pointer: '/token', code: 'one_of', detail: 'must be given, or grant, but not both' }
    throw new Failure('validation_failed', { faults: [fault] })
  }
  const result = await beginRecovery(deps.database, id, body, caller)
  if (result.kind !== 'begun') throw refusal(result)
  const { stage, grant, factor } = result
  return { status: 200, body: { stage, ...(grant !== undefined && { grant }), secondFactor: factor } }
}

async function password(
  deps: RecoveryDeps,
  id: Id<'lockdown'>,
  body: Step<'password'>,
  caller: Caller,
): Promise<Answer> {
  const result = await recoverPassword(deps, id, body, caller)
  if (result.kind === 'password_refused') throw new Failure(result.kind, { faults: result.faults })
  if (result.kind === 'second_factor' || result.kind === 'review') return answerStage(result)
  throw refusal(result)
}

async function secondFactor(
  deps: RecoveryDeps,
  id: Id<'lockdown'>,
  body: Step<'second_factor'>,
  caller: Caller,
): Promise<Answer> {
  if (body.code !== undefined && body.skip) {
    const fault = { pointer: '/skip', code: 'one_of', detail: 'must not be given together with code' }
    throw new Failure('validation_failed', { faults: [fault] })
  }
  const result = await recoverSecondFactor(deps, id, body, caller)
  if (result.kind === 'mandatory') throw new Failure('two_factor_mandatory')
  if (result.kind === 'not_begun') throw new Failure('two_factor_not_begun')
  if (result.kind === 'second_factor' || result.kind === 'review') return answerStage(result)
  throw refusal(result)
}

async function review(deps: RecoveryDeps, id: Id<'lockdown'>, body: Step<'review'>, caller: Caller): Promise<Answer> {
  const twice = body.decisions.findIndex(
    (one, at) => body.decisions.findIndex(({ id: other }) => other === one.id) < at,
  )
  if (twice >= 0) throw itemFault(twice, 'duplicate_item', 'is decided twice')
  const result = await recoverReview(deps, id, body, caller)
  if (result.kind === 'recovered') return { status: 200, body: { stage: 'done', state: 'recovered' } }
  if (result.kind === 'second_factor') return answerStage(result)
  if (result.kind === 'unknown_item') throw itemFault(result.place, 'unknown_item', 'is not an item of this lockdown')
  throw refusal(result)
}

async function answerStage(next: NextStage): Promise<Answer> {
  if (next.kind === 'review') {
    const codes = next.backupCodes.length > 0 ? { backupCodes: [...next.backupCodes] } : {}
    return { status: 200, body: { stage: 'review', ...codes, items: next.items.map(showItem) } }
  }
  const { secret, otpauthUri } = next.enrolment
  const [svg, png] = await Promise.all([qrSvg(otpauthUri), qrPng(otpauthUri)])
  const shown = { secret, otpauthUri, qrSvg: svg, qrPng: png.toString('base64') }
  return { status: 200, body: { stage: 'second_factor', secondFactor: next.factor, ...shown } }
}

function itemFault(place: number, code: string, detail: string): Failure {
  return new Failure('validation_failed', { faults: [{ pointer: `/decisions/${place}/id`, code, detail }] })
}

function refusal(
  result:
    | { readonly kind: 'token_invalid' | 'out_of_order' | 'code_refused' }
    | { readonly kind: 'wait'; readonly waitSeconds: number },
): Failure {
  return result.kind === 'wait'
    ? new Failure('rate_limited', { retryAfterSeconds: result.waitSeconds })
    : new Failure(result.kind)
}
