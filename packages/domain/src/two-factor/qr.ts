/** Level M mends 15 % of the picture; four modules of quiet zone are what ISO/IEC 18004 asks for. */
const look = { errorCorrectionLevel: 'M', margin: 4 } as const
/** Pixels of one module in the PNG. */
const scale = 6

/**
 * A QR code of `text` as an SVG document: paths only, nothing that runs. It holds the text: never stored, never logged, and sent
 * with `no-store`. Throws `Error` beyond 2331 bytes.
 */
export async function qrSvg(text: string): Promise<string> {
  const { toString } = await painter()
  return toString(text, { ...look, type: 'svg' })
}

/** The same as a PNG, six pixels a module. */
export async function qrPng(text: string): Promise<Buffer> {
  const { toBuffer } = await painter()
  return toBuffer(text, { ...look, type: 'png', scale })
}

/** Loaded at first use: 8 to 13 MB of memory that most processes never need. */
async function painter() {
  const { default: qrcode } = await import('qrcode')
  return qrcode
}
