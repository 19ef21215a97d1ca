import type { SupportAlert } from '@portcullis/domain/support/alert'

/** The dialects of incoming webhooks: Slack and what speaks it, or Discord. */
export type ChatFormat = 'slack' | 'discord'

/** The dialect of an address, where the setting does not say. */
export function chatFormatOf(url: URL): ChatFormat {
  return /(^|\.)discord(app)?\.com$/.test(url.hostname) ? 'discord' : 'slack'
}

/** The body of an alert for a chat. Nobody is mentioned, whatever the text holds. */
export function chatBody(alert: SupportAlert, report: URL, product: string, format: ChatFormat): string {
  const lines = [
    `${product}: ${alert.title}.`,
    ...alert.facts.map(({ label, value }) => `${label}: ${value}`),
    report.href,
  ]
  const text = lines.join('\n')
  return JSON.stringify(format === 'discord' ? { content: text, allowed_mentions: { parse: [] } } : { text })
}
