import { escapeHtml } from './escape.ts'

/** HTML that is known to be safe: made by `markup` only. */
export class Markup {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  toString(): string {
    return this.#text
  }

  /**
   * Tag for templates: what is written in the source stands as it is, every value is escaped, and pieces made by this tag
   * are put in as they are.
   */
  static of(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
    return new Markup(parts.reduce((text, part, at) => `${text}${pieceText(values[at - 1])}${part}`))
  }
}

/** What may stand in a template: text (escaped), safe markup, a list of safe markup, or nothing. */
export type Piece = string | Markup | readonly Markup[] | undefined

/** See `Markup.of`. The formatter would change the spaces of a template whose tag is called `html`. */
export const markup = Markup.of

function pieceText(piece: Piece): string {
  if (piece === undefined) return ''
  if (typeof piece === 'string') return escapeHtml(piece)
  return piece instanceof Markup ? piece.toString() : piece.join('')
}
