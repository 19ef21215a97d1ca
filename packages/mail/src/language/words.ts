import type { NoticeKind } from '@portcullis/contracts/notice-kind'
import type { LetterWords } from './letter-words.ts'
import type { TemplateWords } from './template-words.ts'

/** What a notice says, by what happened. */
export interface NoticeWords {
  readonly subject: (product: string) => string
  readonly heading: string
  readonly told: (product: string) => string
  /** What to do if it was not the reader. */
  readonly cure: string
}

/** All that mails say in one language. */
export interface Words extends TemplateWords {
  readonly letter: LetterWords
  readonly notices: Readonly<Record<NoticeKind, NoticeWords>>
}
