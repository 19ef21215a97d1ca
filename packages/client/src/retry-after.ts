/**
 * `Retry-After` in seconds, of either form; undefined where there is none that can be read. A moment is compared with the
 * `Date` of the same answer, so that no two clocks need agree. Source: RFC 9110 section 10.2.3.
 */
export function readRetryAfter(headers: Headers): number | undefined {
  const given = headers.get('retry-after')?.trim()
  if (given === undefined) return undefined
  if (/^\d{1,9}$/.test(given)) return Number(given)
  const apartMs = Date.parse(given) - Date.parse(headers.get('date') ?? '')
  return Number.isNaN(apartMs) ? undefined : Math.max(0, Math.ceil(apartMs / 1000))
}
