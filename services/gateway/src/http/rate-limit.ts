import type { Quota } from '@portcullis/domain/throttle/quota'

/**
 * Writes how a limit stands: `RateLimit-Policy: "login";q=30;w=60`, `RateLimit: "login";r=28;t=54`. `w` and `t` are left
 * out where no time brings more. Source: draft-ietf-httpapi-ratelimit-headers 08 to 11 (syntax of RFC 9651).
 */
export function rateLimitHeaders(policy: string, quota: Quota): Readonly<Record<string, string>> {
  const window = quota.windowSeconds === undefined ? '' : `;w=${quota.windowSeconds}`
  const reset = quota.resetSeconds === undefined ? '' : `;t=${quota.resetSeconds}`
  return {
    'ratelimit-policy': `"${policy}";q=${quota.most}${window}`,
    ratelimit: `"${policy}";r=${quota.left}${reset}`,
  }
}
