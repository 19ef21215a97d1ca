import { type Client, createClient } from '@portcullis/client/create-client'
import { readConfig, secretText, url } from '@portcullis/runtime/config'
import type { Secret } from '@portcullis/runtime/secret'
import type { CliContext } from './context.ts'

const settings = {
  PORTCULLIS_URL: url({ reason: 'where the gateway is', example: 'https://account.acme.example' }),
  PORTCULLIS_TOKEN: secretText({
    reason: 'a session token of an admin who has logged in with a second factor',
    example: 'pcs_…',
  }),
} as const

/** The gateway, asked as an admin. */
export interface GatewayAccess {
  readonly baseUrl: string
  readonly token: Secret
  readonly client: Client
}

/** Reads where the gateway is and who asks. Throws a `ConfigError` where that is missing. */
export function openGatewayAccess({ env }: CliContext): GatewayAccess {
  const config = readConfig(settings, env)
  const baseUrl = config.PORTCULLIS_URL.replace(/\/+$/, '')
  const token = config.PORTCULLIS_TOKEN
  const client = createClient({
    baseUrl,
    credential: () => token.reveal(),
    timeoutMs: 60_000,
    userAgent: 'portcullis-cli',
  })
  return { baseUrl, token, client }
}
