import type { Language } from '@portcullis/contracts/language'
import { wordsOf } from '../../language/words-of.ts'
import { renderLetter } from '../../letter.ts'
import type { Rendered } from '../../rendered.ts'
import { requestFacts, type RequestOrigin } from '../../request-fact.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What an owner is told when the account was locked. Goes to the trusted address only. */
export interface AccountLocked extends RequestOrigin {
  readonly language: Language
  readonly name: string
  /** Opens the page that leads back in. Holds the token. */
  readonly recoveryLink: URL
  readonly lockedAt: Date
  readonly product: string
  readonly supportUrl?: URL | undefined
}

/** The mail that tells of a lockdown and begins the recovery. Source: NIST SP 800-63B-4 section 4.2. */
export function renderAccountLocked(lock: AccountLocked): Rendered {
  const { language } = lock
  const { letter, accountLocked: words } = wordsOf(language)
  const product = shownText(lock.product)
  return renderLetter({
    language,
    product,
    subject: words.subject(product),
    preview: words.preview,
    heading: words.heading,
    greeting: letter.greet(strangersText(lock.name)),
    opening: words.opening(product),
    action: { label: words.action, url: lock.recoveryLink, note: words.note },
    facts: { title: words.factsTitle, rows: requestFacts(lock.lockedAt, lock, language) },
    doubt: {
      title: words.doubtTitle,
      body: words.doubt,
      link: lock.supportUrl && { label: words.support, url: lock.supportUrl },
    },
    reason: words.reason(product),
  })
}
