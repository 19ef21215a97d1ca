import { expect, test } from 'vitest'
import { markup } from './markup.ts'

test('every value is escaped, between tags and in attributes', () => {
  const value = `<script>"&'</script>`
  expect(markup`<p title="${value}">${value}</p>`.toString()).toBe(
    '<p title="&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;">&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;</p>',
  )
})

test('markup made by the tag is put in once, lists in their order, nothing as nothing', () => {
  const items = ['<a>', 'b'].map((text) => markup`<li>${text}</li>`)
  expect(markup`<ul>${items}${undefined}</ul>`.toString()).toBe('<ul><li>&lt;a&gt;</li><li>b</li></ul>')
})
