import { expect, it } from 'vitest'
import { asId, formatId, idPrefixes, plainId, publicId } from './ids.ts'

const uuid = '0198c0de-7a11-7e57-8000-5ec0de5ec0de'

it('an id comes back from its public form as it was', () => {
  const text = formatId('session', asId('session', uuid))
  expect(text).toBe('ses_0198c0de7a117e5780005ec0de5ec0de')
  expect(publicId('session').parse(text)).toBe(uuid)
})

it.each([
  ['of another kind', 'acc_0198c0de7a117e5780005ec0de5ec0de'],
  ['without a prefix', '0198c0de7a117e5780005ec0de5ec0de'],
  ['with hyphens', `ses_${uuid}`],
  ['in upper case', 'ses_0198C0DE7A117E5780005EC0DE5EC0DE'],
  ['cut', 'ses_0198c0de7a117e5780005ec0de5ec0d'],
  ['with a line after it', 'ses_0198c0de7a117e5780005ec0de5ec0de\n'],
])('an id %s is refused', (_what, text) => {
  expect(publicId('session').safeParse(text).success).toBe(false)
})

it('no two kinds share a prefix', () => {
  expect(new Set(Object.values(idPrefixes)).size).toBe(Object.keys(idPrefixes).length)
})

it('a payload carries nothing but a UUID', () => {
  expect(plainId('job').parse(uuid)).toBe(uuid)
  expect(plainId('job').safeParse('1 or 1=1').success).toBe(false)
})
