import type { Mailer } from '@portcullis/mail/transport'
import type { Places } from '@portcullis/runtime/place'

/** What the notifier's handlers work with. */
export interface NotifierDeps {
  readonly mailer: Mailer
  readonly places: Places
  /** Where links lead. */
  readonly publicUrl: URL
  readonly messageIdDomain: string
  readonly product: string
  /** Where mails send somebody who needs a person. */
  readonly supportUrl: URL | undefined
  /** A send is over by then, see MAIL_TIMEOUT_MS. */
  readonly actSeconds: number
}
