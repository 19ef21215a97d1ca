import { expect, it } from 'vitest'
import { z } from 'zod'
import { loosen } from './loosen.ts'

const leaf = z.strictObject({ kind: z.literal('leaf'), size: z.int() })
const branch = z.strictObject({ kind: z.literal('branch'), leaves: z.array(leaf).max(1) })

it.each<[string, z.ZodType, unknown]>([
  ['an object', leaf, { kind: 'leaf', size: 1 }],
  ['a list', z.array(leaf), [{ kind: 'leaf', size: 1 }]],
  [
    'what may be null or absent',
    z.strictObject({ a: leaf.nullable(), b: leaf.optional() }),
    { a: { kind: 'leaf', size: 1 } },
  ],
  ['one of several', z.union([leaf, branch]), { kind: 'branch', leaves: [{ kind: 'leaf', size: 1 }] }],
  ['one of several, told by a field', z.discriminatedUnion('kind', [leaf, branch]), { kind: 'leaf', size: 1 }],
  ['a table', z.record(z.string(), leaf), { oak: { kind: 'leaf', size: 1 } }],
])('%s may hold more, which is dropped, and must still hold what it should', (_what, schema, value) => {
  const text = JSON.stringify(value)
  const more = JSON.parse(text.replaceAll('"size":1', '"size":1,"more":{"x":1}')) as unknown
  expect(schema.safeParse(more).success).toBe(false)
  expect(loosen(schema).parse(more)).toEqual(value)
  expect(loosen(schema).safeParse(JSON.parse(text.replaceAll('"size":1', '"size":"1"'))).success).toBe(false)
})
