import { html } from 'hono/html'
import { recoveryScript } from './answer-page.ts'
import type { Markup } from './frame.ts'
import type { ResetPageOptions } from './reset-password.ts'
import { fieldOf, newPasswordFields, taskPage, tick, troubleOf } from './task-part.ts'

/**
 * `GET /recover-account`: the way back into a locked account, step by step: new password, second factor, backup codes,
 * review. Nothing happens until a button is pressed.
 */
export function recoverAccountPage(options: ResetPageOptions): (nonce: string) => Markup {
  const { productName } = options
  const states = {
    begin: html`<h1 tabindex="-1">Take your account back</h1>
      <p class="lead">
        Four steps: a new password, your second factor, new backup codes, and a look at what happened. Use a device that
        you trust.
      </p>
      <form data-action="recoverBegin" method="post" novalidate>
        ${troubleOf('recoverBegin')}
        <button>Begin</button>
      </form>`,
    password: passwordForm(options.passwordRules),
    factor: factorForms(),
    review: reviewForm(),
    done: html`${tick}
      <h1 tabindex="-1">Your account is yours again</h1>
      <p class="lead">Sign in with the new password. API keys have to be made anew; what you kept works again.</p>
      <p class="lead">A report of all that happened is in your account.</p>`,
    none: html`<h1 tabindex="-1">Open the link in your mail</h1>
      <p class="lead">
        This page takes an account back, but it was opened without the link. Lost it?
        <a href="/reset-password">Ask for a new one</a>.
      </p>`,
    dead: html`<h1 tabindex="-1">This link does not work any more</h1>
      <p class="lead">
        A link works until the new password is set, and you have an hour from the first step.
        <a href="/reset-password">Ask for a new one</a>; what you have done so far is kept.
      </p>`,
  }
  return (nonce) =>
    taskPage({
      title: 'Take your account back',
      productName,
      nonce,
      withToken: 'begin',
      without: 'none',
      states,
      script: recoveryScript,
    })
}

function passwordForm(passwordRules: string): Markup {
  return html`<h1 tabindex="-1">Choose a new password</h1>
    <p class="lead">One that this account never had.</p>
    <form data-action="recoverPassword" method="post" novalidate>
      ${troubleOf('recoverPassword')} ${newPasswordFields('recoverPassword', passwordRules)}
      <div data-part="code">
        ${fieldOf('recoverPassword', {
          id: 'kept-code',
          name: 'code',
          label: 'Code of your authenticator app, or a backup code',
          type: 'text',
          autocomplete: 'one-time-code',
        })}
      </div>
      <button>Set the password</button>
    </form>`
}

function factorForms(): Markup {
  return html`<h1 tabindex="-1">Set up a second factor</h1>
    <p class="lead">Scan this with an authenticator app, or type the key, then type the code that the app shows.</p>
    <figure class="qr" data-part="qr"></figure>
    <p class="hint">Key: <code data-part="secret"></code></p>
    <form data-action="recoverFactor" method="post" novalidate>
      ${troubleOf('recoverFactor')}
      <div>
        ${fieldOf('recoverFactor', {
          id: 'first-code',
          name: 'code',
          label: 'Code',
          type: 'text',
          autocomplete: 'one-time-code',
          keyboard: 'numeric',
          required: true,
        })}
      </div>
      <button>Go on</button>
    </form>
    <form class="plain" data-action="recoverSkip" method="post" novalidate>
      ${troubleOf('recoverSkip')}
      <button class="quiet">Go on without</button>
    </form>`
}

function reviewForm(): Markup {
  return html`<h1 tabindex="-1">Look through what happened</h1>
    <div data-part="backup-codes" hidden>
      <p class="lead">
        First write these backup codes down. Each opens once in place of a code, and they are shown only now.
      </p>
      <ul class="codes"></ul>
    </div>
    <p class="lead">
      Keep what was you, undo what was not. What is marked happened while somebody else may have been at work.
    </p>
    <form data-action="recoverReview" method="post" novalidate>
      ${troubleOf('recoverReview')}
      <ul class="items"></ul>
      <button>Finish</button>
    </form>`
}
