/**
 * What opens an account or a scope: a session token, an API key, a client's secret, a rental's token. Or a function that is asked
 * once for each call and gives the one of the moment.
 */
export type Credential = string | (() => string | undefined | Promise<string | undefined>)
