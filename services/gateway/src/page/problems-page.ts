import { errorHelp } from '@portcullis/contracts/error-help'
import { errors, type ErrorCode } from '@portcullis/contracts/errors'
import type { OpenApiDocument } from '@portcullis/contracts/openapi-document'
import { html } from 'hono/html'
import { emailFaultHelp, fieldFaultHelp, passwordFaultHelp } from './fault-help.ts'
import { inlineText, type Markup, productMark, wholePage } from './frame.ts'
import { referenceStyle } from './style.ts'

/** `GET /docs/problems`: every code of the catalogue under its own anchor; the `type` of a problem leads there. */
export function problemsPage(document: OpenApiDocument): Markup {
  const codes = Object.keys(errors) as ErrorCode[]
  const title = `${document.info.title} problems`
  return wholePage({
    title,
    style: referenceStyle,
    body: html`<div class="frame">
      <nav class="side" aria-label="Contents">
        ${productMark(document.info.title)}
        <h2>Start</h2>
        <ul>
          <li><a href="/docs">API reference</a></li>
          <li><a href="/openapi.json">OpenAPI document</a></li>
        </ul>
        <h2>Problems</h2>
        <ul>
          ${codes.map(
            (code) =>
              html`<li>
                <a href="#${code}"><code>${code}</code></a>
              </li>`,
          )}
        </ul>
      </nav>
      <main>
        <header>
          <h1>Problems</h1>
          <p>
            Every refusal is <code>application/problem+json</code> as RFC 9457 has it. Its <code>code</code> is one of
            these, and its <code>type</code> leads here. A refused request changes nothing.
          </p>
        </header>
        <section>
          <h2>The catalogue</h2>
          ${codes.map((code) => codeArticle(code, document))}
        </section>
      </main>
    </div>`,
  })
}

function codeArticle(code: ErrorCode, document: OpenApiDocument): Markup {
  const { status, title, retry } = errors[code]
  const { meaning, remedy } = errorHelp[code]
  return html`<article id="${code}">
    <h3><a href="#${code}">${title}</a></h3>
    <p class="path"><span class="status no">${status}</span><span>${code}</span></p>
    <p>${inlineText(meaning)}</p>
    <h4>What to do</h4>
    <p>${inlineText(remedy)}${retry ? '' : ' The same request would be refused again.'}</p>
    ${faultsOf(code)}
    <h4>Example</h4>
    <pre tabindex="0"><code>${JSON.stringify(document.components.examples[code]?.value, null, 2)}</code></pre>
  </article>`
}

function faultsOf(code: ErrorCode): Markup | '' {
  if (code === 'password_refused')
    return html`<h4>Codes in errors</h4>
      ${faultRows(passwordFaultHelp)}`
  if (code !== 'validation_failed') return ''
  return html`<h4>Codes in errors</h4>
    ${faultRows(fieldFaultHelp)}
    <h4>Codes of an e-mail address</h4>
    ${faultRows(emailFaultHelp)}`
}

function faultRows(help: Readonly<Record<string, string>>): Markup {
  return html`<dl class="rows">
    ${Object.entries(help).map(
      ([code, words]) =>
        html`<div>
          <dt>${code}</dt>
          <dd>${words}</dd>
        </div>`,
    )}
  </dl>`
}
