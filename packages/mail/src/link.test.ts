import { expect, test } from 'vitest'
import { linkText } from './link.ts'

test.each([
  'https://acme.example/reset?a=1&b=%22',
  'http://localhost:3000/x',
  'http://127.0.0.1:1/x',
  'http://[::1]:1/x',
])('%s may stand in a mail', (link) => {
  expect(linkText(new URL(link))).toBe(link)
})

test.each([
  'http://acme.example/canary',
  'javascript:canary',
  'data:text/html,canary',
  'https://acme.example@evil.example/canary',
])('%s may not, and is not repeated', (link) => {
  expect(() => linkText(new URL(link))).toThrow(/^mail: a link (?!.*canary)/)
})
