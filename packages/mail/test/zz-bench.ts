import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createTransport } from 'nodemailer'
import { Secret } from '@portcullis/runtime/secret'
import { createMailer } from '../src/transport.ts'
import { renderPasswordReset } from '../src/template/password-reset/render.ts'
const sink = fork(new URL('./zz-sink.ts', import.meta.url)); const [port] = await once(sink,'message')
const render = () => renderPasswordReset({ name:'Ada', link:new URL('https://a.example/r#token=abc'), validMinutes:30, requestedAt:new Date(0), place:'Hamburg, Germany', device:'Firefox on Linux', product:'Acme' })
const r = render()
const n=3000, conc=10
async function run(name: string, one: () => Promise<unknown>) { let left=n; const t=performance.now(), c=process.cpuUsage(); await Promise.all(Array.from({length:conc},async()=>{while(left-->0) await one()})); const d=process.cpuUsage(c); console.log(name, Math.round(n/((performance.now()-t)/1000)),'/s cpu us/mail', Math.round((d.user+d.system)/n)) }
const mailer = createMailer({ smtpUrl:new Secret(`smtp://127.0.0.1:${port}`), from:'Acme <a@b.example>', connectionsMost:10 })
const bare = createTransport({ pool:true, host:'127.0.0.1', port, maxConnections:10, ignoreTLS: true })
for (let k=0;k<3;k++) {
await run('bare', ()=>bare.sendMail({ from:'Acme <a@b.example>', to:'x@y.example', subject:r.subject, text:r.text, html:r.html }))
await run('ours', async()=>{ const s = await mailer.send({ messageId:'<a@b>', to:'x@y.example', language:'en', rendered:r }); if(s.kind!=='sent') throw new Error(JSON.stringify(s)) })
await run('ours+render', ()=>mailer.send({ messageId:'<a@b>', to:'x@y.example', language:'en', rendered:render() })) }
let t=performance.now(); for(let i=0;i<2000;i++) render(); console.log('render us', (performance.now()-t)/2)
await mailer.close(); bare.close(); sink.disconnect()
