import { html } from 'hono/html'
import { type Markup, productMark, wholePage } from './frame.ts'
import { taskStyle } from './style.ts'

/** Style of the index. */
export const indexStyle = `${taskStyle}
.links{list-style:none;border-top:1px solid var(--line);margin-top:24px}
.links a{display:block;padding:14px 0;border-bottom:1px solid var(--line);font-weight:600;text-decoration:none}
.links a:hover{text-decoration:underline}
.links span{display:block;color:var(--muted);font-size:15px;font-weight:400}
.links li:last-child a{border-bottom:0;padding-bottom:0}
`

const links = [
  ['/docs', 'API reference', 'Every call, its fields, answers and refusals'],
  ['/docs/problems', 'Problems', 'What each error code means, and what to do'],
  ['/openapi.json', 'OpenAPI document', 'For generators and clients'],
  ['/reset-password', 'Reset a password', 'The page that mails lead to'],
] as const

/** `GET /`: what this is, and where to go. */
export function indexPage(productName: string): Markup {
  const items = links.map(
    ([href, name, what]) =>
      html`<li>
        <a href="${href}">${name}<span>${what}</span></a>
      </li>`,
  )
  return wholePage({
    title: productName,
    style: indexStyle,
    body: html`<main>
      ${productMark(productName)}
      <div class="card">
        <h1>Account security</h1>
        <p class="lead">
          This is the account service of ${productName}. Programs speak to it under <code>/v1</code>; people mostly come
          from a mail.
        </p>
        <ul class="links">
          ${items}
        </ul>
      </div>
    </main>`,
  })
}
