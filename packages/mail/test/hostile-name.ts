/** Names that whoever registers may choose, and what must never stand in a mail because of them. */
export const hostileNames: readonly string[] = [
  '<script>alert(1)</script>',
  '"><a href="https://evil.example">x</a>',
  'Ada\r\nBcc: x@evil.example',
  '\u202Ednim reven \u2066evil',
  'Your account is closed, go to https://evil.example/now',
  'evil.example',
  'x'.repeat(300),
  `Z${'\u0301'.repeat(1000)}`,
  '',
]
