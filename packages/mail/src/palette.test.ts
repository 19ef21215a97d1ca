import { expect, test } from 'vitest'
import { dark, light, type Palette } from './palette.ts'

/** Relative luminance and contrast. Source: WCAG 2.2, definitions of both. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

const pairs: readonly [keyof Palette, keyof Palette][] = [
  ['ink', 'card'],
  ['ink', 'paper'],
  ['muted', 'card'],
  ['muted', 'paper'],
  ['accent', 'card'],
  ['accent', 'paper'],
  ['onAccent', 'accent'],
]

test('the sum is right: black on white is 21, and grey #767676 is the well-known 4.54', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5)
  expect(contrast('#767676', '#ffffff')).toBeCloseTo(4.54, 2)
})

test.each(
  pairs.flatMap(([text, ground]) => [
    { name: 'light', palette: light, text, ground },
    { name: 'dark', palette: dark, text, ground },
  ]),
)('$name: $text on $ground can be read by weak eyes', ({ palette, text, ground }) => {
  expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5)
})
