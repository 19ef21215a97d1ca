/** A text that must not be found, and what it is called in a report. */
export interface Canary {
  readonly name: string
  readonly value: string
}

/** A place that was searched. */
export interface Place {
  readonly where: string
  readonly text: string
}

/** Where which canary was found, and how it was written. Never the value itself. */
export interface Found {
  readonly where: string
  readonly canary: string
  readonly form: string
}

/** Looks for every canary in every form in every place. */
export function findSecrets(places: readonly Place[], canaries: readonly Canary[]): Found[] {
  const sought = canaries.flatMap(({ name, value }) =>
    formsOf(value).map(({ form, text }) => ({ canary: name, form, text: text.toLowerCase() })),
  )
  return places.flatMap(({ where, text }) => {
    const folded = text.toLowerCase()
    return sought.filter((one) => folded.includes(one.text)).map(({ canary, form }) => ({ where, canary, form }))
  })
}

/**
 * The ways in which a text may be written. In Base64 it looks different at each of three offsets inside a longer text;
 * the characters at either end, which depend on its neighbours, are left out.
 */
function formsOf(value: string): { form: string; text: string }[] {
  const bytes = Buffer.from(value)
  const json = JSON.stringify(value).slice(1, -1)
  const forms = [
    { form: 'raw', text: value },
    { form: 'hex', text: bytes.toString('hex') },
    { form: 'JSON', text: json },
    { form: 'JSON in JSON', text: JSON.stringify(json).slice(1, -1) },
    { form: 'URL', text: encodeURIComponent(value) },
    { form: 'URL form', text: new URLSearchParams({ v: value }).toString().slice(2) },
  ]
  for (const offset of [0, 1, 2]) {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes])
    const cut = shifted.subarray(0, shifted.length - (shifted.length % 3))
    const from = offset === 0 ? 0 : 4
    forms.push({ form: `Base64 at ${offset}`, text: cut.toString('base64').slice(from) })
    forms.push({ form: `Base64url at ${offset}`, text: cut.toString('base64url').slice(from) })
  }
  return forms
}
