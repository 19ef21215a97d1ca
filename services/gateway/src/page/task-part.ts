import { html, raw } from 'hono/html'
import { clientScript } from './answer-page.ts'
import { type Markup, productMark, wholePage } from './frame.ts'
import { taskStyle } from './style.ts'

/** Says that a step is done. */
export const tick = html`<div class="ok">
  <svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2.5"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d="m5 13 4.5 4.5L19 7.5" />
  </svg>
</div>`

/** Where a form says what is wrong; read out as soon as it says something. */
export function troubleOf(formName: string): Markup {
  return html`<div class="trouble" id="${formName}-trouble" role="alert" tabindex="-1" hidden>
    <p></p>
    <ul></ul>
  </div>`
}

/** A field of a form. */
export interface Field {
  readonly id: string
  /** What its form sends it as. */
  readonly name: string
  readonly label: string
  readonly type: 'password' | 'text' | 'email'
  /** What a password manager fills in (HTML, section 4.10.18.7). */
  readonly autocomplete: 'new-password' | 'current-password' | 'one-time-code' | 'username'
  /** The keyboard of a phone. Default: that of its type. */
  readonly keyboard?: 'numeric' | 'email'
  readonly required?: boolean
  /** Said below the field, and read out with it. */
  readonly hint?: string
}

/** A labelled field. What is wrong with its form is read out with it. */
export function fieldOf(formName: string, field: Field): Markup {
  const { id, name, label, type, autocomplete, keyboard, required = false, hint } = field
  const told = `${hint === undefined ? '' : `${id}-hint `}${formName}-trouble`
  return html`<label for="${id}">${label}</label>
    <input
      id="${id}"
      name="${name}"
      type="${type}"
      ${keyboard && html`inputmode="${keyboard}"`}
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      ${required ? 'required' : ''}
      aria-describedby="${told}"
    />
    ${hint !== undefined && html`<p class="hint" id="${id}-hint">${hint}</p>`}`
}

/** Asks for a new password, twice. */
export function newPasswordFields(formName: string, passwordRules: string): Markup {
  const common = { type: 'password', autocomplete: 'new-password', required: true } as const
  return html`<div>
      ${fieldOf(formName, { ...common, id: 'password', name: 'password', label: 'New password', hint: passwordRules })}
    </div>
    <div>${fieldOf(formName, { ...common, id: 'again', name: 'again', label: 'Repeat the new password' })}</div>`
}

/** Asks for a mail with a new link. */
export function askForm(label: string): Markup {
  return html`<form data-action="ask" method="post" novalidate>
    ${troubleOf('ask')}
    <div>
      ${fieldOf('ask', {
        id: 'email',
        name: 'email',
        label: 'E-mail address',
        type: 'email',
        autocomplete: 'username',
        keyboard: 'email',
        required: true,
      })}
    </div>
    <button>${label}</button>
  </form>`
}

/** A page of several states, of which its script shows one: `withToken` where the link brought a token, else `without`. */
export function taskPage(options: {
  readonly title: string
  readonly productName: string
  readonly nonce: string
  readonly withToken: string
  readonly without: string
  readonly states: Readonly<Record<string, Markup>>
  /** Default: that of all such pages. */
  readonly script?: typeof clientScript
}): Markup {
  const { productName, nonce } = options
  const sections = Object.entries(options.states).map(
    ([name, content]) => html`<section data-state="${name}" hidden>${content}</section>`,
  )
  return wholePage({
    title: `${options.title} · ${productName}`,
    style: taskStyle,
    nonce,
    body: html`<main data-product="${productName}" data-with="${options.withToken}" data-without="${options.without}">
        ${productMark(productName)}
        <div class="card">
          ${sections}
          <noscript
            ><h1>${options.title}</h1>
            <p class="lead">
              This page needs JavaScript: your link is kept from every server and log, and only a script can read it.
              Nothing is loaded from elsewhere.
            </p></noscript
          >
        </div>
      </main>
      <script type="module" nonce="${nonce}">
        ${raw('\n')}${options.script ?? clientScript}
      </script>`,
  })
}
