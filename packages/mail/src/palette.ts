/**
 * The colours of one appearance, `#rrggbb`. Each pair that carries text has a contrast of 4.5 or more (WCAG 2.2,
 * 1.4.3).
 */
export interface Palette {
  readonly paper: string
  readonly card: string
  readonly line: string
  readonly ink: string
  readonly muted: string
  readonly accent: string
  readonly onAccent: string
}

/** Warm paper, ink, a deep green. */
export const light: Palette = {
  paper: '#f3f1ec',
  card: '#ffffff',
  line: '#e3dfd6',
  ink: '#1b211e',
  muted: '#59625d',
  accent: '#1c5d49',
  onAccent: '#ffffff',
}

/** The same house at night. */
export const dark: Palette = {
  paper: '#111513',
  card: '#1a201d',
  line: '#2f3833',
  ink: '#e9ede9',
  muted: '#a4afa8',
  accent: '#7fcfb0',
  onAccent: '#0d1f18',
}
