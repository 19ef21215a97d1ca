import type { Called } from './send.ts'

/** An answer in short: its status, with the problem's code where it has one, `409 own_account`. */
export function statusAndCode({ status, body }: Called): number | string {
  return body?.code === undefined ? status : `${status} ${body.code}`
}
