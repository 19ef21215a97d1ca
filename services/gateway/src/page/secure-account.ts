import { html } from 'hono/html'
import type { Markup } from './frame.ts'
import { fieldOf, taskPage, tick, troubleOf } from './task-part.ts'

/**
 * `GET /secure-account`: what a "this wasn't me" link opens. Shows nothing of the account and changes nothing; the button
 * locks, and can do no more. Source: OWASP ASVS 5 3.5.3, 6.3.7.
 */
export function secureAccountPage(productName: string): (nonce: string) => Markup {
  const states = {
    lock: html`<h1 tabindex="-1">Was this not you?</h1>
      <p class="lead">
        Lock your ${productName} account now. Every session ends, every key stops working, and nobody can log in until
        you have taken the account back. Nothing is deleted.
      </p>
      <p class="lead">The way back comes by mail, to an address that was yours before.</p>
      <form data-action="lock" method="post" novalidate>
        ${troubleOf('lock')}
        <button>Lock my account</button>
      </form>`,
    factor: factorForm(),
    done: html`${tick}
      <h1 tabindex="-1">Your account is locked</h1>
      <p class="lead">Nothing that was signed in or handed out before opens it any more.</p>
      <p class="lead">Look in your inbox: a mail leads you back in. Support has been told.</p>`,
    none: html`<h1 tabindex="-1">Open the link in your mail</h1>
      <p class="lead">
        This page locks an account, but it was opened without the link. Use the link in the mail that we sent you.
      </p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">
        A link works once, for 7 days. If you still need to lock your account, use the link in a newer mail, or sign in
        and lock it there.
      </p>`,
  }
  return (nonce) =>
    taskPage({ title: 'Lock your account', productName, nonce, withToken: 'lock', without: 'none', states })
}

function factorForm(): Markup {
  return html`<h1 tabindex="-1">One thing more</h1>
    <p class="lead">
      The account was locked by such a link within the last day. To lock it again, type its password, or a code of your
      authenticator app.
    </p>
    <form data-action="lockWithFactor" method="post" novalidate>
      ${troubleOf('lockWithFactor')}
      <div>
        ${fieldOf('lockWithFactor', {
          id: 'factor-password',
          name: 'password',
          label: 'Password',
          type: 'password',
          autocomplete: 'current-password',
        })}
      </div>
      <div>
        ${fieldOf('lockWithFactor', {
          id: 'factor-code',
          name: 'code',
          label: 'Or a code',
          type: 'text',
          autocomplete: 'one-time-code',
          keyboard: 'numeric',
        })}
      </div>
      <button>Lock my account</button>
    </form>`
}
