/** What an API client of the product may do here, and in words. A client has some of these, and no others. */
export const clientScopes = {
  introspect: 'ask whether a session or an API key is alive, and whose it is',
  revoke: 'end a session or an API key by its token',
  'accounts:write': 'start resets and lockdowns of accounts, and end their sessions',
  'rentals:write': 'tell which server is rented by which account',
  'signals:write': 'send verdicts about the risk of an account',
  'leaks:write': 'report API keys that were found in public',
} as const satisfies Record<string, string>

/** A scope of an API client. */
export type ClientScope = keyof typeof clientScopes
