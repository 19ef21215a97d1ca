import { html } from 'hono/html'
import type { Markup } from './frame.ts'
import { taskPage, tick, troubleOf } from './task-part.ts'

/** `GET /confirm-email-change`: puts a new address in force, on a click: what scans mails opens links, but presses nothing. */
export function confirmEmailChangePage(productName: string): (nonce: string) => Markup {
  const states = {
    confirm: html`<h1 tabindex="-1">Use this address?</h1>
      <p class="lead">
        Mail of your ${productName} account comes to this address then, and you log in with it. Every session ends. Your
        old address is told, and can take the change back for 7 days.
      </p>
      <form data-action="confirmChange" method="post" novalidate>
        ${troubleOf('confirmChange')}
        <button>Use this address</button>
      </form>`,
    none: html`<h1 tabindex="-1">Open the link in your mail</h1>
      <p class="lead">
        This page confirms a new address, but it was opened without the link. Use the button in the mail that we sent
        you.
      </p>`,
    done: html`${tick}
      <h1 tabindex="-1">Your address is changed</h1>
      <p class="lead">You can close this page and log in with your new address.</p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">A link works once, within a day. If you still want another address, ask for it again.</p>`,
  }
  return (nonce) =>
    taskPage({ title: 'Confirm your new address', productName, nonce, withToken: 'confirm', without: 'none', states })
}
