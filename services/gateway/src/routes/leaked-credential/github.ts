import { Failure } from '@portcullis/contracts/errors'
import { isSignedByGithub } from '@portcullis/domain/leak/github-signature'
import { reportLeaks } from '@portcullis/domain/leak/report'
import { sha256 } from '@portcullis/runtime/digest'
import { z } from 'zod'
import type { AppDeps } from '../../app-deps.ts'
import { checkInput } from '../../http/check-input.ts'
import type { Route } from '../../http/mount.ts'

/** Matches of one report. */
const matchesMost = 5000

/** As GitHub sends it; what it may add one day is passed over. */
const reportSchema = z
  .array(
    z.object({
      token: z.string().max(4096, 'must have at most 4096 characters'),
      type: z.string().max(200, 'must have at most 200 characters'),
      source: z.string().optional(),
    }),
  )
  .max(matchesMost, `must hold at most ${matchesMost} matches`)

/** How a source looks. */
const codeForm = /^[a-z][a-z0-9_]{0,63}$/

/** `POST /v1/leaked-credentials/github`. */
export function reportGithubLeaksRoute(deps: AppDeps): Route<'reportGithubLeaks'> {
  return async ({ signedBody, header, caller }) => {
    const keyId = header('github-public-key-identifier')
    const signature = header('github-public-key-signature')
    // One answer for whatever is wrong with it, before anything is parsed or looked up.
    if (keyId === undefined || signature === undefined) throw new Failure('credential_required')
    const key = /^[0-9a-f]{1,128}$/.test(keyId) ? await deps.githubKeys.find(keyId) : undefined
    if (!key || !isSignedByGithub(key, signedBody, signature)) throw new Failure('credential_required')
    const matches = checkInput(reportSchema, parse(signedBody))
    const items = matches.map(({ token, source = '' }) => (codeForm.test(source) ? { token, source } : { token }))
    const labels = await reportLeaks(deps.database, deps.leakedClients, items, {
      actor: 'anonymous',
      by: 'github',
      caller,
    })
    const feedback = matches.map(({ token, type }, place) => ({
      token_hash: sha256(token).toString('hex'),
      token_type: type,
      label: labels[place] ?? 'false_positive',
    }))
    return { status: 200, body: feedback }
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Failure('malformed_request')
  }
}
