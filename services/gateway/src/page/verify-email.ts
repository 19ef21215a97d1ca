import { html } from 'hono/html'
import type { Markup } from './frame.ts'
import { taskPage, tick, troubleOf } from './task-part.ts'

/**
 * `GET /verify-email`: confirms the address of a registration, on a click: what scans mails opens links and would use the
 * token up otherwise.
 */
export function verifyEmailPage(productName: string): (nonce: string) => Markup {
  const states = {
    confirm: html`<h1 tabindex="-1">Confirm your address</h1>
      <p class="lead">
        One step is left: tell us that this address is yours. Your ${productName} account is opened then.
      </p>
      <form data-action="confirm" method="post" novalidate>
        ${troubleOf('confirm')}
        <button>Confirm my address</button>
      </form>`,
    none: html`<h1 tabindex="-1">Open the link in your mail</h1>
      <p class="lead">
        This page confirms an address, but it was opened without the link. Use the button in the mail that we sent you.
      </p>`,
    done: html`${tick}
      <h1 tabindex="-1">Your address is confirmed</h1>
      <p class="lead">Your ${productName} account is open. You can close this page and sign in.</p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">
        A link works once, within a day. If your account is open already, all is well; otherwise register again.
      </p>`,
  }
  return (nonce) =>
    taskPage({ title: 'Confirm your address', productName, nonce, withToken: 'confirm', without: 'none', states })
}
