/**
 * A password as it is counted, compared and hashed: Unicode NFC and nothing else. No trim, no case fold, no NFKC, so
 * that either spelling of `ä` opens the account while `ﬁ` and `fi` stay two passwords.
 * Source: NIST SP 800-63B-4 3.1.1.2; OWASP ASVS 5 6.2.8.
 */
export function normalizePassword(received: string): string {
  return received.normalize('NFC')
}
