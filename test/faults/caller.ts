import { until } from '../house.ts'

/** What a caller of the gateway really got. */
export interface Answered {
  readonly email: string
  /** Absent: the connection was refused or lost, and nobody knows what became of the request. */
  readonly status: number | undefined
  readonly type: string
  readonly body: unknown
}

/** Asks once for a reset mail. Never throws. */
export async function askOnce(gateway: string, email: string, headers: Record<string, string> = {}): Promise<Answered> {
  try {
    const response = await fetch(`${gateway}/v1/password-resets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email }),
      signal: AbortSignal.timeout(15_000),
    })
    const type = response.headers.get('content-type') ?? ''
    return { email, status: response.status, type, body: await response.json() }
  } catch {
    return { email, status: undefined, type: '', body: undefined }
  }
}

/** Asks under one `Idempotency-Key` until it is accepted, as a caller does that wants to be sure. */
export async function askUntilAccepted(gateway: string, email: string): Promise<Answered> {
  const headers = { 'idempotency-key': `key-of-${email}` }
  return until(
    `the request of ${email} is accepted`,
    async () => {
      const answered = await askOnce(gateway, email, headers)
      return answered.status === 202 && answered
    },
    30_000,
  )
}

/** The addresses whose request was accepted, as their callers know it. */
export function acceptedOf(answers: readonly Answered[]): string[] {
  return answers.filter((one) => one.status === 202).map((one) => one.email)
}
