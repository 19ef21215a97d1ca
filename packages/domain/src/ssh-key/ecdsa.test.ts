import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkEcdsaPoint, type SshCurve, sshCurves } from './ecdsa.ts'

const curves: SshCurve[] = ['nistp256', 'nistp384', 'nistp521']

function freshPoint(curve: SshCurve): Buffer {
  const pair = generateKeyPairSync('ec', { namedCurve: sshCurves[curve].jwk })
  const { x, y } = pair.publicKey.export({ format: 'jwk' })
  return Buffer.concat([Buffer.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url')])
}

describe.each(curves)('a point of %s', (curve) => {
  const point = freshPoint(curve)
  const half = (point.length - 1) / 2

  test('is taken where it is on the curve, and refused one bit beside it', () => {
    expect(checkEcdsaPoint(curve, point)).toBeUndefined()
    for (const at of [1, half, half + 1, point.length - 1]) {
      const beside = Buffer.from(point)
      beside[at]! ^= 1
      expect(checkEcdsaPoint(curve, beside)).toBe('ssh_ecdsa_point')
    }
  })

  test('is refused compressed, though it is the same point', () => {
    const compressed = Buffer.concat([Buffer.of(2 + (point.at(-1)! & 1)), point.subarray(1, 1 + half)])
    expect(checkEcdsaPoint(curve, compressed)).toBe('ssh_ecdsa_compressed')
  })

  test('is refused in hybrid form, at infinity, as zeros, cut and with more behind it', () => {
    const hybrid = Buffer.concat([Buffer.of(6 + (point.at(-1)! & 1)), point.subarray(1)])
    const zeros = Buffer.concat([Buffer.of(4), Buffer.alloc(2 * half)])
    const longer = Buffer.concat([point, Buffer.of(0)])
    for (const wrong of [hybrid, Buffer.of(0), Buffer.alloc(0), zeros, point.subarray(0, -1), longer, Buffer.of(4)]) {
      expect(checkEcdsaPoint(curve, wrong)).toBe('ssh_ecdsa_point')
    }
  })

  test('is refused on each of the other curves', () => {
    for (const other of curves.filter((one) => one !== curve)) {
      expect(checkEcdsaPoint(other, point)).toBe('ssh_ecdsa_point')
    }
  })
})

test('a coordinate that is not reduced is refused: it would be a second spelling of the same key', () => {
  const point = freshPoint('nistp521')
  const p = (1n << 521n) - 1n
  const x = BigInt(`0x${point.toString('hex', 1, 67)}`) + p
  const spelled = Buffer.concat([
    Buffer.of(4),
    Buffer.from(x.toString(16).padStart(132, '0'), 'hex'),
    point.subarray(67),
  ])
  expect(spelled).toHaveLength(point.length)
  expect(checkEcdsaPoint('nistp521', spelled)).toBe('ssh_ecdsa_point')
})
