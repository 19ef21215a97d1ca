import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { otpauthUri } from './otpauth-uri.ts'
import { qrPng, qrSvg } from './qr.ts'

const secret = Buffer.from('12345678901234567890')
const uris: [string, string][] = [
  ['a plain label', otpauthUri({ issuer: 'ACME Co', account: 'john.doe@email.com', secret })],
  ['a hostile label', otpauthUri({ issuer: 'A&B?', account: '%41"><script>alert(1)</script>\u{1f600}', secret })],
  ['a long label', otpauthUri({ issuer: 'ACME', account: `${'x'.repeat(64)}@${'y'.repeat(100)}.example`, secret })],
]
const longest = otpauthUri({ issuer: '\u{1f600}'.repeat(99), account: '\u{1f600}'.repeat(300), secret })
const zbar = spawnSync('zbarimg', ['--version']).status === 0

// A decoder that nobody here wrote; its module is read from its package, as by default it is fetched from the network.
beforeAll(async () => {
  const wasmBinary = await readFile(fileURLToPath(import.meta.resolve('zxing-wasm/reader/zxing_reader.wasm')))
  prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasmBinary).buffer } })
})

async function decode(picture: Parameters<typeof readBarcodes>[0]) {
  const found = await readBarcodes(picture, { formats: ['QRCode'] })
  return found.map((one) => one.text)
}

/** Paints the SVG as a browser does: the modules are horizontal strokes one unit wide. */
function paint(svg: string) {
  const scale = 4
  const black = 0xff000000
  const units = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const side = units * scale
  const data = new Uint8ClampedArray(side * side * 4).fill(255)
  const pixels = new Uint32Array(data.buffer)
  const strokes = /<path stroke="#000000" d="([^"]+)"/.exec(svg)?.[1] ?? ''
  let x = 0
  let y = 0
  for (const [, command, first, second] of strokes.matchAll(/([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    const by = Number(first)
    if (command === 'M') [x, y] = [by, Number(second) - 0.5]
    else if (command === 'm') [x, y] = [x + by, y + Number(second)]
    else {
      for (let row = y * scale; row < (y + 1) * scale; row += 1) {
        pixels.fill(black, row * side + x * scale, row * side + (x + by) * scale)
      }
      x += by
    }
  }
  return { data, width: side, height: side, colorSpace: 'srgb' as const }
}

describe.each(uris)('%s', (_name, uri) => {
  test('is read from the PNG as the URI, character by character', async () => {
    expect(await decode(new Uint8Array(await qrPng(uri)))).toEqual([uri])
  })

  test('is read from the SVG likewise, and the SVG holds nothing but shapes', async () => {
    const svg = await qrSvg(uri)
    expect(await decode(paint(svg))).toEqual([uri])
    expect(svg.trim()).toMatch(/^<svg [^<>]*>(?:<path [^<>]*\/>)+<\/svg>$/)
    expect(svg).not.toMatch(/script|href|\son\w+=/i)
  })

  // Where it is installed (Debian: zbar-tools), a second decoder has its say.
  test.runIf(zbar)('is read by zbarimg', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'qr-'))
    try {
      const file = join(folder, 'code.png')
      await writeFile(file, await qrPng(uri))
      const read = spawnSync('zbarimg', ['-q', '--raw', '-Sdisable', '-Sqrcode.enable', file], { encoding: 'utf8' })
      expect(read.stdout.trimEnd()).toBe(uri)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

test('the longest URI there can be still fits, and more than a code holds is refused', async () => {
  expect(longest.length).toBeGreaterThan(1900)
  expect(await decode(new Uint8Array(await qrPng(longest)))).toEqual([longest])
  await expect(qrPng('x'.repeat(2332))).rejects.toThrow()
})

test('a PNG is a PNG with its quiet zone', async () => {
  const png = await qrPng('x')
  expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
  // Version 1 has 21 modules; four more on each side; six pixels each.
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([174, 174])
})
