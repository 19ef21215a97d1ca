import { baseStyle } from './style.ts'

/** The look of a report: on a screen by day and by night, and on paper. */
export const reportStyle = `${baseStyle}
main{max-width:1040px;margin:0 auto;padding:40px 24px 72px}
header{margin:20px 0 28px}
h1{font-size:30px;font-weight:600;letter-spacing:-.014em}
h2{font-size:19px;font-weight:600;margin-bottom:10px}
.lead{color:var(--muted);margin-top:8px;max-width:70ch}
section{margin-top:36px;overflow-x:auto}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:10px 24px;padding:20px 22px;background:var(--card);
border:1px solid var(--line);border-radius:14px}
.facts dt{font-size:13px;color:var(--muted)}
.facts dd{overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:15px;background:var(--card);border:1px solid var(--line);border-radius:14px;overflow:hidden}
th,td{text-align:left;vertical-align:top;padding:9px 12px;border-top:1px solid var(--line)}
.details{overflow-wrap:anywhere;min-width:160px}
thead th{border-top:0;font-size:13px;font-weight:600;color:var(--muted);white-space:nowrap}
tbody th{font-weight:600;min-width:150px}
.number{font-variant-numeric:tabular-nums;white-space:nowrap}
code{font:14px var(--mono)}
.state{white-space:nowrap;font-size:13px;font-weight:600;padding:2px 8px;border-radius:99px;background:var(--bad-soft);color:var(--bad)}
.state.proven{background:var(--soft);color:var(--accent)}
.suspect{background:var(--bad-soft)}
.alarm{border:1px solid var(--bad);background:var(--bad-soft);border-radius:14px;padding:18px 22px}
.alarm ul{padding-left:20px;margin-top:8px}
@media print{:root{color-scheme:light}html{background:#fff}main{max-width:none;padding:0}table,.facts{border-radius:0}
tr,.alarm{break-inside:avoid}thead{display:table-header-group}a{text-decoration:none}section{overflow:visible}table,.facts dd{font-size:12px}code{font-size:11px}}
`
