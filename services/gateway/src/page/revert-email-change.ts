import { html } from 'hono/html'
import type { Markup } from './frame.ts'
import { taskPage, tick, troubleOf } from './task-part.ts'

/** `GET /revert-email-change`: takes a change of address back from the old mailbox, on a click. Shows nothing of the account. */
export function revertEmailChangePage(productName: string): (nonce: string) => Markup {
  const states = {
    revert: html`<h1 tabindex="-1">Was this not you?</h1>
      <p class="lead">
        Take the change back: this address belongs to your ${productName} account again, and the account is locked.
        Every session ends, every key stops working, and nobody can log in until you have taken the account back.
        Nothing is deleted.
      </p>
      <form data-action="revertChange" method="post" novalidate>
        ${troubleOf('revertChange')}
        <button>Take it back and lock</button>
      </form>`,
    none: html`<h1 tabindex="-1">Open the link in your mail</h1>
      <p class="lead">
        This page takes a change of address back, but it was opened without the link. Use the button in the mail that we
        sent you.
      </p>`,
    done: html`${tick}
      <h1 tabindex="-1">The change is taken back</h1>
      <p class="lead">Nothing that was signed in or handed out before opens your account any more.</p>
      <p class="lead">Look in your inbox: a mail leads you back in.</p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">A link works once, for 7 days. If your account is not yours any more, write to support.</p>`,
  }
  return (nonce) =>
    taskPage({ title: 'Take the change back', productName, nonce, withToken: 'revert', without: 'none', states })
}
