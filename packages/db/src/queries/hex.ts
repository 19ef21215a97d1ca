/** Bytes for an array parameter: this driver takes an array of buffers for one buffer. SQL reads it by `decode(…, 'hex')`. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
