import { html } from 'hono/html'
import type { Markup } from './frame.ts'
import { taskPage, tick, troubleOf } from './task-part.ts'

/** `GET /keep-account`: keeps an account that is to be closed, on a click. Shows nothing of the account. */
export function keepAccountPage(productName: string): (nonce: string) => Markup {
  const states = {
    keep: html`<h1 tabindex="-1">Keep your account?</h1>
      <p class="lead">
        Your ${productName} account will be closed and erased. With one click it stays as it is: nothing of it was taken
        away yet.
      </p>
      <form data-action="keepAccount" method="post" novalidate>
        ${troubleOf('keepAccount')}
        <button>Keep my account</button>
      </form>`,
    none: html`<h1 tabindex="-1">Open the link in your mail</h1>
      <p class="lead">
        This page keeps an account that is to be closed, but it was opened without the link. Use the button in the mail
        that we sent you.
      </p>`,
    done: html`${tick}
      <h1 tabindex="-1">Your account stays</h1>
      <p class="lead">
        You can close this page. If it was not you who asked for the closing, use the other link of that mail: it locks
        the account.
      </p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">A link works once, until the account is closed. Log in to see whether it still can be kept.</p>`,
  }
  return (nonce) =>
    taskPage({ title: 'Keep your account', productName, nonce, withToken: 'keep', without: 'none', states })
}
