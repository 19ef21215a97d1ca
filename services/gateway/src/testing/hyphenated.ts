/** The plain form of a public id. */
export function hyphenated(publicId: string): string {
  const hex = publicId.slice(publicId.indexOf('_') + 1)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
