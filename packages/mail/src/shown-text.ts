/** A name longer than this says more than a name. */
const charactersMost = 60

const spacing = /[\s\p{Zl}\p{Zp}\p{Cc}]+/gu
// Zero-width and direction-changing characters, fillers, private and broken ones.
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cs}\p{Cn}]/gu
// Markup, and what mail programs turn into a link: an address, a scheme, a dotted word; with the full stops that IDNA
// takes for dots.
const unfit = /[<>]|@|\/\/|www[.\u3002\uff61]|[\p{L}\p{N}-][.\u3002\uff61]\p{L}{2,}/iu

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * One line of text that is safe to show: no control, invisible or direction-changing characters, spaces collapsed, at
 * most `most` code points (60 if not given), cut between characters as people see them, with an ellipsis. May be empty.
 */
export function shownText(text: string, most: number = charactersMost): string {
  const line = text.replace(unseen, '').replace(spacing, ' ').normalize('NFC').trim()
  if ([...line].length <= most) return line
  let kept = ''
  let length = 0
  for (const { segment } of graphemes.segment(line)) {
    length += [...segment].length
    if (length >= most) break
    kept += segment
  }
  return kept === '' ? '' : `${kept.trimEnd()}…`
}

/**
 * Text that a stranger may have chosen (a name, a device), for a mail to somebody else: as `shownText`, and empty when
 * it holds markup or what a mail program would make a link of. Whoever registers with another's address chooses the
 * name in the mail to it.
 */
export function strangersText(text: string): string {
  const whole = shownText(text.normalize('NFKC'), Infinity)
  return unfit.test(whole) ? '' : shownText(text)
}
