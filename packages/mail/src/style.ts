import { markup } from './markup.ts'
import { dark, light } from './palette.ts'

const sans = '-apple-system,BlinkMacSystemFont,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif'
const mono = 'ui-monospace,SFMono-Regular,Menlo,Consolas,Liberation Mono,monospace'

const fill = `color:${light.onAccent};background-color:${light.accent}`
const breaking = 'word-break:break-all;overflow-wrap:anywhere'
const panel = `margin:0;padding:12px 14px;border-radius:8px;background-color:${light.paper}`
const cell = 'text-align:left;vertical-align:top'
const textSize = (px: number, linePx: number): string => `font-size:${px}px;line-height:${linePx}px`

/**
 * What each part looks like, written into the part itself: many mail programs drop a style sheet. Only fonts that are
 * on the reader's machine; no value holds a quote.
 */
export const style = {
  body: `margin:0;padding:0;width:100%;background-color:${light.paper};text-size-adjust:100%`,
  page: `background-color:${light.paper};font-family:${sans};color:${light.ink}`,
  gutter: 'padding:40px 16px 48px',
  column: 'width:100%;max-width:560px;margin:0 auto;text-align:left',
  hidden: 'display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px;mso-hide:all',
  mark: `margin:0;padding:0 4px 18px;${textSize(15, 20)};font-weight:600;color:${light.ink}`,
  dot: `display:inline-block;width:9px;height:9px;margin-right:5px;border-radius:3px;background-color:${light.accent}`,
  card: `background-color:${light.card};border:1px solid ${light.line};border-radius:14px`,
  inner: 'padding:38px 40px 40px',
  heading: `margin:0 0 22px;${textSize(26, 33)};font-weight:600;letter-spacing:-0.3px;color:${light.ink}`,
  text: `margin:0 0 16px;${textSize(16, 25)};color:${light.ink}`,
  buttonRow: 'margin:26px 0 14px;border-collapse:separate',
  buttonCell: `border-radius:10px;background-color:${light.accent};text-align:center`,
  button: `display:inline-block;padding:14px 28px;border-radius:10px;${textSize(16, 22)};font-weight:600;${fill};text-decoration:none`,
  note: `margin:0 0 24px;${textSize(14, 21)};color:${light.muted}`,
  plainLabel: `margin:0 0 8px;${textSize(14, 21)};color:${light.muted}`,
  plain: `${panel};font-family:${mono};${textSize(13, 20)};${breaking}`,
  plainLink: `color:${light.accent};text-decoration:none;word-break:break-all`,
  section: `margin:30px 0 0;padding:26px 0 0;border-top:1px solid ${light.line}`,
  subheading: `margin:0 0 10px;${textSize(16, 24)};font-weight:600;color:${light.ink}`,
  facts: 'width:100%;border-collapse:collapse',
  factLabel: `padding:4px 16px 4px 0;width:132px;${textSize(15, 22)};font-weight:400;${cell};color:${light.muted}`,
  factValue: `padding:4px 0;${textSize(15, 22)};${cell};color:${light.ink}`,
  doubt: `margin:0;${textSize(15, 23)};color:${light.ink}`,
  doubtLink: `margin:10px 0 0;${textSize(15, 23)};word-break:break-word`,
  textLink: `color:${light.accent};text-decoration:underline;text-underline-offset:2px`,
  foot: `margin:0;padding:20px 4px 0;${textSize(13, 20)};color:${light.muted}`,
} as const

/** Night colours and narrow screens, for the programs that keep a style sheet. */
export const styleSheet = markup`
:root{color-scheme:light dark;supported-color-schemes:light dark}
a:focus-visible{outline:3px solid ${light.accent};outline-offset:2px}
@media (max-width:480px){
.gutter{padding:24px 10px 36px !important}
.inner{padding:28px 22px 30px !important}
.heading{font-size:23px !important;line-height:30px !important}
.button-row,.button{width:100% !important;box-sizing:border-box !important}
.fact-label,.fact-value{font-size:14px !important}
.fact-label{width:90px !important;padding-right:12px !important}
}
@media (prefers-color-scheme:dark){
.body,.page,.plain{background-color:${dark.paper} !important}
.card{background-color:${dark.card} !important;border-color:${dark.line} !important}
.section{border-color:${dark.line} !important}
.ink{color:${dark.ink} !important}
.muted{color:${dark.muted} !important}
.accent{color:${dark.accent} !important}
.fill{background-color:${dark.accent} !important;color:${dark.onAccent} !important}
a:focus-visible{outline-color:${dark.accent} !important}
}`
