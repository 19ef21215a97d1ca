import { greet, renderLetter } from '../../letter.ts'
import { quantity } from '../../quantity.ts'
import type { Rendered } from '../../rendered.ts'
import { shownText, strangersText } from '../../shown-text.ts'

/** What the mail that confirms an address tells. The name is the choice of whoever registered. */
export interface ConfirmEmail {
  readonly name: string
  /** Opens the page that confirms the address. Holds the token. */
  readonly link: URL
  readonly validHours: number
  readonly product: string
}

/** The mail that confirms an address; the account is made when its link is used. */
export function renderConfirmEmail(confirm: ConfirmEmail): Rendered {
  const product = shownText(confirm.product)
  const life = quantity(confirm.validHours, 'hour')
  return renderLetter({
    language: 'en',
    product,
    subject: `Confirm your address for ${product}`,
    preview: `One step is left. The link inside works once, for ${life}.`,
    heading: 'Confirm your address',
    greeting: greet(strangersText(confirm.name)),
    opening: [`One step is left to open your ${product} account: tell us that this address is yours.`],
    action: {
      label: 'Confirm my address',
      url: confirm.link,
      note: `The link works once, for ${life}.`,
    },
    doubt: {
      title: 'Not you?',
      body: 'Then leave this mail alone. Without the link no account is made, and the address is forgotten.',
    },
    reason: `${product} sent this because somebody registered with your address.`,
  })
}
