/** A whole number and its unit, as people say it: `1 minute`, `30 minutes`. */
export function quantity(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
