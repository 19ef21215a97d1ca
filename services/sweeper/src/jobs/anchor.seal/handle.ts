import { anchorHeaders, type AnchorPost, prepareAnchor, recordAnchored } from '@portcullis/domain/audit/anchor'
import { effect, planned } from '@portcullis/queue/handler'
import { done, failed, skip } from '@portcullis/queue/outcome'
import type { Clock } from '@portcullis/runtime/clock'
import type { Outbound, OutboundAnswer } from '@portcullis/runtime/outbound'

/** Where seals are posted, and how. */
export interface AnchorDeps {
  /** Absent: nowhere. */
  readonly target: { readonly url: string; readonly secret: Uint8Array } | undefined
  readonly outbound: Pick<Outbound, 'post'>
  readonly clock: Clock
}

/** Posts the newest seal to the outside anchor: at least once, under one `webhook-id`. Any 2xx is taken for "kept". */
export function handleAnchorSeal({ target, outbound, clock }: AnchorDeps) {
  return effect<'anchor.seal', AnchorPost, OutboundAnswer>({
    actSeconds: 20,

    async claim(tx, jobs) {
      const post = target && (await prepareAnchor(tx))
      const why = target ? 'nothing_new' : 'not_configured'
      // Of several that wait, one posts.
      return jobs.map((_job, place) => (post && place === 0 ? planned(post) : skip(why)))
    },

    act(post, signal) {
      if (!target) throw new Error('there is no anchor')
      const headers = anchorHeaders(target.secret, post, clock.now())
      return outbound.post({ url: target.url, headers, body: post.body }, signal)
    },

    async record(tx, acted) {
      const outcomes = []
      for (const { plan, receipt } of acted) {
        const isKept = receipt.kind === 'answered' && receipt.status >= 200 && receipt.status < 300
        if (isKept) await recordAnchored(tx, plan)
        outcomes.push(isKept ? done : failed(receipt.kind === 'answered' ? `http_${receipt.status}` : receipt.code))
      }
      return outcomes
    },
  })
}
