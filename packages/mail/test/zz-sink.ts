import { createServer } from 'node:net'
const server = createServer({noDelay:true},(s) => { s.on('error',()=>{}); let body=false, p=''; s.write('220 x\r\n'); s.on('data',(c)=>{ p+=c.toString('latin1'); for(;;){ const e=p.indexOf(body?'\r\n.\r\n':'\r\n'); if(e<0)break; const l=p.slice(0,e); p=p.slice(e+(body?5:2)); if(body){body=false;s.write('250 ok\r\n');continue} const v=l.slice(0,4); if(v==='DATA'){body=true;s.write('354\r\n')} else if(v==='EHLO') s.write('250-x\r\n250 PIPELINING\r\n'); else if(v==='QUIT'){s.end('221\r\n')} else s.write('250 ok\r\n') } }) })
server.listen(0,'127.0.0.1',()=>process.send!((server.address() as any).port))
process.on('disconnect',()=>process.exit())
