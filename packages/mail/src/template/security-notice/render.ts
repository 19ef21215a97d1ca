import type { Language } from '@portcullis/contracts/language'
import { type NoticeKind, notices } from '@portcullis/contracts/notice-kind'
import { wordsOf } from '../../language/words-of.ts'
import { type Fact, type Letter, renderLetter } from '../../letter.ts'
import { formatMoment } from '../../moment.ts'
import { detailFacts } from '../../notice-detail.ts'
import type { Rendered } from '../../rendered.ts'
import { originFacts, type RequestOrigin } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What an owner is told of one event, or of several of a kind. Names and places are hostile input; they are cleaned here. */
export interface SecurityNotice {
  readonly language: Language
  readonly kind: NoticeKind
  readonly name: string
  /** How often it happened; 1 for one event. */
  readonly times: number
  readonly firstAt: Date
  readonly lastAt: Date
  /** Where they came from; each is shown once, five at most. */
  readonly origins: readonly RequestOrigin[]
  readonly details: readonly Readonly<Record<string, unknown>>[]
  readonly product: string
  /** Keeps an account that is to be closed. */
  readonly keepLink?: URL | undefined
  /** Locks the account and can do nothing else; absent where there is nothing to lock. */
  readonly lockLink?: { readonly url: URL; readonly validDays: number } | undefined
}

/** A notice. Holds no secret and no full address. Source: ASVS 5 6.3.5, 6.3.7, NIST SP 800-63B-4 section 4.6. */
export function renderSecurityNotice(notice: SecurityNotice): Rendered {
  const { language, kind, times } = notice
  const { letter, notices: kinds, securityNotice: words } = wordsOf(language)
  const product = shownText(notice.product)
  const subject = kinds[kind].subject(product)
  return renderLetter({
    language,
    product,
    subject: times > 1 ? `${subject} (${letter.times(times)})` : subject,
    preview: words.preview,
    heading: kinds[kind].heading,
    greeting: letter.greet(strangersText(notice.name)),
    opening: [kinds[kind].told(product)],
    ...(notice.keepLink && { action: { label: words.keep, url: notice.keepLink, note: words.keepNote } }),
    facts: {
      title: words.factsTitle,
      rows: [
        ...momentFacts(notice),
        ...originFacts(notice.origins, language),
        ...detailFacts(notice.details, language),
      ],
    },
    doubt: doubtOf(notice),
    reason: notices[kind].security ? words.always(product) : words.optional(product),
  })
}

function momentFacts({ language, times, firstAt, lastAt }: SecurityNotice): Fact[] {
  const { letter } = wordsOf(language)
  const { facts } = letter
  if (times === 1) return [{ label: facts.time, value: formatMoment(lastAt, language) }]
  return [
    { label: facts.often, value: letter.times(times) },
    { label: facts.first, value: formatMoment(firstAt, language) },
    { label: facts.last, value: formatMoment(lastAt, language) },
  ]
}

function doubtOf({ language, kind, lockLink }: SecurityNotice): Letter['doubt'] {
  const { letter, notices: kinds, securityNotice: words } = wordsOf(language)
  const { cure } = kinds[kind]
  if (!lockLink) return { title: letter.notYou, body: cure }
  return {
    title: letter.notYou,
    body: `${cure} ${words.lockNote(letter.days(lockLink.validDays))}`,
    link: { label: words.lock, url: lockLink.url },
  }
}
