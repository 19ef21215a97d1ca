import { authenticatorCode } from '@portcullis/testkit/authenticator'
import type { FakeClock } from '@portcullis/testkit/clock'

/** The code of a step that was not used yet: the clock is moved on by one step. */
export function nextCode(clock: FakeClock, secret: string): string {
  clock.forward(30_000)
  return authenticatorCode(secret, clock.now())
}
