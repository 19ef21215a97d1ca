/** The look of every page: the colours of the house's mails, by day and by night; only fonts that are on the machine. */
export const baseStyle = `
:root{color-scheme:light dark;--paper:light-dark(#f3f1ec,#111513);--card:light-dark(#fff,#1a201d);--line:light-dark(#e3dfd6,#2f3833);
--field:light-dark(#8b8f88,#6b766f);--ink:light-dark(#1b211e,#e9ede9);--muted:light-dark(#59625d,#a4afa8);--accent:light-dark(#1c5d49,#7fcfb0);
--on-accent:light-dark(#fff,#0d1f18);--soft:light-dark(#e8efea,#22302a);--bad:light-dark(#9c2f22,#f0a295);--bad-soft:light-dark(#fbefec,#33211e);
--sans:-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
*,*::before,*::after{box-sizing:border-box}
[hidden]{display:none!important}
html{background:var(--paper);-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;color:var(--ink);font:16px/1.56 var(--sans)}
h1,h2,h3,h4,p,ul,ol,dl,dd,pre,figure{margin:0;padding:0}
h1,h2,h3,h4{line-height:1.25;text-wrap:balance}
p{text-wrap:pretty}
a{color:var(--accent);text-underline-offset:3px;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.mark{display:inline-flex;align-items:center;gap:10px;color:var(--ink);font-size:15px;font-weight:600;text-decoration:none}
.mark svg{display:block;width:22px;height:22px;color:var(--accent)}
`

/** One thing to do, in the middle of the page. */
export const taskStyle = `${baseStyle}
body{min-height:100vh;min-height:100dvh;display:grid;grid-template-rows:1fr auto 1fr;justify-items:center;padding:24px 16px}
main{grid-row:2;width:100%;max-width:440px}
.mark{padding:0 4px 16px}
.card{background:var(--card);border:1px solid var(--line);border-radius:16px;padding:34px 36px 36px;
box-shadow:0 1px 2px rgb(27 33 30/.04),0 12px 32px -16px rgb(27 33 30/.16)}
h1{font-size:25px;font-weight:600;letter-spacing:-.012em;margin-bottom:10px}
h1:focus{outline:none}
.lead{color:var(--muted);margin-bottom:24px}
.lead:last-child{margin-bottom:0}
.lead+.lead{margin-top:-12px}
form{display:grid;gap:18px}
label{display:block;font-size:15px;font-weight:600;margin-bottom:6px}
input[type=email],input[type=password],input[type=text]{width:100%;height:48px;padding:0 14px;font:inherit;color:var(--ink);
background:var(--card);border:1px solid var(--field);border-radius:10px;appearance:none}
input:focus-visible{outline:3px solid var(--accent);outline-offset:1px;border-color:transparent;border-radius:10px}
input[aria-invalid=true]{border:2px solid var(--bad)}
.hint{font-size:14px;line-height:1.5;color:var(--muted);margin-top:8px}
.show{display:flex;align-items:center;gap:10px;font-size:15px;font-weight:400;margin:-4px 0 0;min-height:28px;width:fit-content;cursor:pointer}
.show input{width:18px;height:18px;margin:0;accent-color:var(--accent)}
button{width:100%;min-height:48px;padding:10px 20px;font:inherit;font-weight:600;color:var(--on-accent);background:var(--accent);
border:0;border-radius:10px;cursor:pointer}
button:hover{filter:brightness(1.08)}
button[aria-busy=true]{opacity:.65;cursor:progress}
.trouble{border:1px solid var(--bad);background:var(--bad-soft);border-radius:10px;padding:12px 14px;font-size:15px;line-height:1.5}
.trouble:focus{outline:none}
.trouble p{font-weight:600;color:var(--bad)}
.trouble ul{margin-top:4px;padding-left:20px}
.trouble li::marker{color:var(--bad)}
.ok{display:grid;place-items:center;width:44px;height:44px;margin-bottom:18px;border-radius:50%;background:var(--soft);color:var(--accent)}
.ok svg{width:22px;height:22px}
.plain{margin-top:12px}
button.quiet{color:var(--accent);background:transparent;border:1px solid var(--field)}
.qr svg{display:block;width:200px;height:200px;margin:0 auto 16px;border-radius:10px;background:#fff}
.codes,.items{list-style:none;margin-bottom:24px}
.codes{display:grid;grid-template-columns:repeat(auto-fill,minmax(165px,1fr));gap:6px 16px;font:13px/1.7 var(--mono);white-space:nowrap}
.items{display:grid;gap:10px;margin-bottom:0}
.items li{display:grid;grid-template-columns:1fr auto;gap:0 12px;padding:10px 12px;border:1px solid var(--line);border-radius:10px}
.items li.suspect{border-color:var(--bad);background:var(--bad-soft)}
.items b{font-weight:600;overflow-wrap:anywhere}
.items span{grid-column:1;font-size:14px;color:var(--muted)}
.items select{grid-column:2;grid-row:1/3;align-self:center;min-height:36px;font:inherit;color:var(--ink);background:var(--card);
border:1px solid var(--field);border-radius:8px}
@media (max-width:480px){body{padding:20px 12px;grid-template-rows:0 auto 1fr}.card{padding:26px 22px 28px}h1{font-size:23px}}
`

/** A long text with a table of contents beside it. */
export const referenceStyle = `${baseStyle}
html{scroll-padding-top:24px}
.frame{display:grid;grid-template-columns:264px minmax(0,1fr);max-width:1240px;margin:0 auto}
.side{position:sticky;top:0;align-self:start;height:100vh;overflow:auto;padding:36px 16px 36px 28px;font-size:15px}
.side .mark{padding-bottom:28px}
.side h2{font-size:13px;font-weight:600;color:var(--muted);margin:22px 0 4px 10px}
.side ul{list-style:none}
.side li a{display:block;padding:5px 10px;border-radius:8px;color:var(--ink);text-decoration:none}
.side li a:hover,.side li a[aria-current]{background:var(--soft)}
.side code{font-size:13px;background:none;padding:0;border:0;color:inherit}
main{padding:44px 28px 96px;min-width:0;max-width:900px}
h1{font-size:34px;font-weight:600;letter-spacing:-.02em;margin-bottom:14px}
main>header p{font-size:18px;line-height:1.55;color:var(--muted);max-width:62ch}
main>header{margin-bottom:20px}
main>section{padding-top:44px}
main>section>h2{font-size:23px;font-weight:600;letter-spacing:-.012em;margin-bottom:14px}
.prose{max-width:68ch}
.prose p+p{margin-top:12px}
article{background:var(--card);border:1px solid var(--line);border-radius:16px;padding:26px 28px 28px;margin-top:20px;scroll-margin-top:24px}
article:target{border-color:var(--accent)}
article h3{font-size:20px;font-weight:600;letter-spacing:-.008em}
article h3 a{color:inherit;text-decoration:none}
article h3 a:hover{text-decoration:underline}
article h4{font-size:15px;font-weight:600;margin:26px 0 10px}
article>p{max-width:68ch}
.path{display:flex;flex-wrap:wrap;align-items:baseline;gap:10px;margin:8px 0 12px;font:14px/1.5 var(--mono);overflow-wrap:anywhere}
.method{font-weight:700;color:var(--accent)}
code{font:.9em/1.5 var(--mono);background:var(--soft);border-radius:5px;padding:1px 5px;overflow-wrap:anywhere}
pre{overflow:auto;padding:14px 16px;border-radius:10px;background:var(--paper);border:1px solid var(--line);font:13.5px/1.6 var(--mono);tab-size:2}
pre code{padding:0;background:none;font:inherit;overflow-wrap:normal}
.rows{border-top:1px solid var(--line)}
.rows>div{display:grid;grid-template-columns:minmax(150px,3fr) 8fr;gap:4px 20px;padding:11px 0;border-bottom:1px solid var(--line)}
.rows dt{font:14px/1.55 var(--mono);overflow-wrap:anywhere}
.rows dt small{display:block;font:13px/1.5 var(--sans);color:var(--muted)}
.rows dd{font-size:15px;line-height:1.55}
.rows dd p+p{margin-top:4px}
.rows dd .rule{color:var(--muted);font-size:14px}
.status{display:inline-block;font:600 14px/1.4 var(--mono);padding:2px 8px;margin-right:8px;border-radius:6px;background:var(--soft);color:var(--accent)}
.status.no{background:var(--bad-soft);color:var(--bad)}
@media (max-width:820px){
.frame{display:block}
.side{position:static;height:auto;padding:24px 18px 4px}
.side .mark{padding-bottom:12px}
.side h2{margin:12px 0 4px}
.side ul{display:flex;flex-wrap:wrap;gap:6px}
.side li a{border:1px solid var(--line);background:var(--card);padding:4px 11px;font-size:14px}
main{padding:24px 18px 64px}
main>section{padding-top:32px}
h1{font-size:28px}
article{padding:20px 18px 22px}
.rows>div{grid-template-columns:1fr}
}
`
