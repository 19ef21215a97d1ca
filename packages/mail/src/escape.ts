const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Makes text safe between tags and inside quoted attributes. The only escape of the room: `markup` calls it for every
 * value, so a template cannot forget it. Source: OWASP ASVS 5 1.2.1.
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '')
}
