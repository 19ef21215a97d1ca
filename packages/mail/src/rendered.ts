/** A mail as its template made it. The same values give the same bytes. */
export interface Rendered {
  /** One line, without anything secret: it stands on lock screens. */
  readonly subject: string
  readonly text: string
  readonly html: string
}
