import { html } from 'hono/html'
import type { Markup } from './frame.ts'
import { askForm, newPasswordFields, taskPage, tick, troubleOf } from './task-part.ts'

/** What the page tells of the house. */
export interface ResetPageOptions {
  readonly productName: string
  /** What a password must be, in a sentence. */
  readonly passwordRules: string
}

/**
 * `GET /reset-password`: with the token of a mail, a form for the new password; without one, a form that asks for a mail.
 * Nothing happens until a button is pressed. Source: OWASP Forgot Password; OWASP ASVS 5 6.2.6, 6.2.7.
 */
export function resetPasswordPage(options: ResetPageOptions): (nonce: string) => Markup {
  const { productName } = options
  const states = {
    ask: html`<h1 tabindex="-1">Reset your password</h1>
      <p class="lead">Tell us the address of your account. We mail you a link with which you choose a new password.</p>
      ${askForm('Send the link')}`,
    asked: html`${tick}
      <h1 tabindex="-1">Look in your inbox</h1>
      <p class="lead">
        If the address belongs to an account, a mail is on its way. Its link works once, and not for long.
      </p>
      <p class="lead">
        Nothing there after some minutes? Look among the unwanted mail, or <a href="/reset-password">try again</a>.
      </p>`,
    set: setForm(options.passwordRules),
    done: html`${tick}
      <h1 tabindex="-1">Your password is set</h1>
      <p class="lead">
        Every session of your account has ended. Sign in with the new password; a mail confirms the change.
      </p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">
        A link works once, for a short time, and a newer one takes its place. Your password was not changed.
      </p>
      <p class="lead"><a href="/reset-password">Ask for a new link</a></p>`,
  }
  return (nonce) =>
    taskPage({ title: 'Reset your password', productName, nonce, withToken: 'set', without: 'ask', states })
}

function setForm(passwordRules: string): Markup {
  return html`<h1 tabindex="-1">Choose a new password</h1>
    <p class="lead">You will be signed out everywhere else.</p>
    <form data-action="set" method="post" novalidate>
      ${troubleOf('set')} ${newPasswordFields('set', passwordRules)}
      <label class="show"><input id="show" type="checkbox" />Show passwords</label>
      <button>Set the password</button>
    </form>`
}
