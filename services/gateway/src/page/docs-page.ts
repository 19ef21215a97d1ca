import type {
  JsonSchema,
  OpenApiDocument,
  OpenApiOperation,
  OpenApiParameter,
  OpenApiResponse,
} from '@portcullis/contracts/openapi-document'
import type { Problem } from '@portcullis/contracts/api/problem'
import { type Permission, permissionNames, permissions, rolesWith } from '@portcullis/contracts/permission'
import { html } from 'hono/html'
import { inlineText, type Markup, productMark, wholePage } from './frame.ts'
import { referenceStyle } from './style.ts'

/** A call with its place. */
interface Call {
  readonly method: string
  readonly path: string
  readonly operation: OpenApiOperation
}

/** `GET /docs`: the reference, made from the OpenAPI document. Needs no script. */
export function docsPage(document: OpenApiDocument): Markup {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  )
  const groups = document.tags.map(({ name }) => ({
    name,
    calls: calls.filter(({ operation }) => operation.tags.includes(name)),
  }))
  const title = `${document.info.title} API`
  return wholePage({
    title,
    style: referenceStyle,
    body: html`<div class="frame">
      <nav class="side" aria-label="Contents">
        ${productMark(document.info.title)}
        <h2>Start</h2>
        <ul>
          <li><a href="#conventions">Conventions</a></li>
          <li><a href="#roles">Roles and permissions</a></li>
          <li><a href="/docs/problems">Problems</a></li>
          <li><a href="/openapi.json">OpenAPI document</a></li>
        </ul>
        ${groups.map(
          (group) =>
            html`<h2>${group.name}</h2>
              <ul>
                ${group.calls.map(contentsEntry)}
              </ul>`,
        )}
      </nav>
      <main>
        <header>
          <h1>${title}</h1>
          <p>${document.info.summary}</p>
        </header>
        ${conventions(document)} ${permissionSection()}
        ${groups.map(
          (group) =>
            html`<section>
              <h2>${group.name}</h2>
              ${group.calls.map((call) => callArticle(call, document))}
            </section>`,
        )}
      </main>
    </div>`,
  })
}

function contentsEntry({ operation }: Call): Markup {
  return html`<li><a href="#${operation.operationId}">${operation.summary}</a></li>`
}

function conventions(document: OpenApiDocument): Markup {
  const base = document.servers[0]?.url ?? ''
  return html`<section id="conventions" class="prose">
    <h2>Conventions</h2>
    <p>${inlineText(document.info.description)}</p>
    <p>
      Base address: <code>${base}</code>. The whole of this page as a machine reads it:
      <a href="/openapi.json">OpenAPI ${document.openapi}</a>.
    </p>
    <p>
      Decide by <code>code</code>, never by a sentence:
      <a href="/docs/problems">all codes and what to do about them</a>.
    </p>
  </section>`
}

/** The same table that the gateway decides by. */
function permissionSection(): Markup {
  return html`<section id="roles" class="prose">
    <h2>Roles and permissions</h2>
    <p>A session needs its second factor besides, and for changes a proof no older than 10 minutes.</p>
    <dl class="rows">
      ${permissionNames.map(
        (name) =>
          html`<div>
            <dt><code>${name}</code><small>${rolesWith(name).join(', ')}</small></dt>
            <dd><p>May ${permissions[name].allows}.</p></dd>
          </div>`,
      )}
    </dl>
  </section>`
}

function permissionLine(permission: Permission | undefined): Markup | '' {
  if (permission === undefined) return ''
  return html`<p>
    Permission <a href="#roles"><code>${permission}</code></a
    >: ${rolesWith(permission).join(', ')}.
  </p>`
}

function callArticle({ method, path, operation }: Call, document: OpenApiDocument): Markup {
  const [type = '', body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? []
  const id = operation.operationId
  return html`<article id="${id}">
    <h3><a href="#${id}">${operation.summary}</a></h3>
    <p class="path"><span class="method">${method}</span><span>${path}</span></p>
    <p>${inlineText(operation.description)}</p>
    ${permissionLine(operation['x-permission'])}
    ${
      body
        ? html`<h4>Body</h4>
            ${fields(resolve(body.schema, document), document)}`
        : ''
    }
    <h4>Parameters</h4>
    <dl class="rows">
      ${operation.parameters.map((one) => parameterRow('$ref' in one ? componentOf(one.$ref, document.components.parameters) : one))}
    </dl>
    <h4>Try it</h4>
    <pre
      tabindex="0"
    ><code>${curl(method, `${document.servers[0]?.url ?? ''}${path}`, type, body?.example)}</code></pre>
    <h4>Answers</h4>
    <dl class="rows">
      ${Object.entries(operation.responses).map(([status, response]) => responseRow(status, response, document))}
    </dl>
  </article>`
}

function fields(schema: JsonSchema, document: OpenApiDocument): Markup {
  // A body that is told apart by one field: each of its kinds.
  if (schema.oneOf) return html`${schema.oneOf.map((one) => fields(resolve(one, document), document))}`
  const rows = Object.entries(schema.properties ?? {}).map(([name, field]) => {
    const shown = resolve(field, document)
    const need = schema.required?.includes(name) ? 'required' : 'optional'
    const type = shown.const === undefined ? (shown.type ?? '') : JSON.stringify(shown.const)
    return html`<div>
      <dt>${name}<small>${type}, ${need}</small></dt>
      <dd>
        <p>${inlineText(shown.description ?? '')}</p>
        ${rules(shown)}
      </dd>
    </div>`
  })
  return html`<dl class="rows">${rows}</dl>`
}

function rules({ minLength, maxLength }: JsonSchema): Markup | '' {
  if (minLength === undefined && maxLength === undefined) return ''
  const least = minLength ?? 0
  return html`<p class="rule">
    ${maxLength === undefined ? `${least} characters or more` : `${least} to ${maxLength} characters`}
  </p>`
}

function parameterRow(parameter: OpenApiParameter | undefined): Markup | '' {
  if (!parameter) return ''
  return html`<div>
    <dt>${parameter.name}<small>optional</small></dt>
    <dd>
      <p>${inlineText(parameter.description)}</p>
      <p class="rule">For example <code>${String(parameter.example)}</code></p>
    </dd>
  </div>`
}

function responseRow(
  status: string,
  { content, description, headers }: OpenApiResponse,
  document: OpenApiDocument,
): Markup {
  const problem = content?.['application/problem+json']
  if (problem) {
    const codes = Object.keys(problem.examples ?? {})
    const added = Object.keys(headers).filter((name) => name !== 'X-Request-Id')
    return html`<div>
      <dt><span class="status no">${status}</span></dt>
      <dd>
        ${codes.map(
          (code) =>
            html`<p>
              <a href="/docs/problems#${code}"><code>${code}</code></a> ${titleOf(code, document)}
            </p>`,
        )}
        ${added.length > 0 ? html`<p class="rule">With ${added.join(', ')}</p>` : ''}
      </dd>
    </div>`
  }
  const example = content?.['application/json']?.example
  const shown =
    example === undefined ? html`<p class="rule">No body</p>` : html`<p><code>${JSON.stringify(example)}</code></p>`
  return html`<div>
    <dt><span class="status">${status}</span></dt>
    <dd>
      <p>${description}</p>
      ${shown}
    </dd>
  </div>`
}

function titleOf(code: string, document: OpenApiDocument): string {
  // Guarantee: the examples of the document are problems, held by openapi.test.ts.
  return (document.components.examples[code]?.value as Problem | undefined)?.title ?? ''
}

function curl(method: string, url: string, type: string, example: unknown): string {
  const lines = [`curl -i -X ${method} '${url}'`]
  if (type === 'application/json') lines.push(`-H 'Content-Type: ${type}'`, `-d ${quoted(JSON.stringify(example))}`)
  else if (example) {
    const fields = Object.entries(example).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)
    lines.push(...fields)
  }
  return lines.join(' \\\n  ')
}

/** Inside single quotes only a single quote needs care. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function resolve(schema: JsonSchema, document: OpenApiDocument): JsonSchema {
  return schema.$ref === undefined ? schema : (componentOf(schema.$ref, document.components.schemas) ?? schema)
}

function componentOf<T>(ref: string, components: Readonly<Record<string, T>>): T | undefined {
  return components[ref.slice(ref.lastIndexOf('/') + 1)]
}
