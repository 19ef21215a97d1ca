import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { freePort } from './free-port.ts'
import { pingPostgres } from './postgres-ping.ts'
import { type Postgres, startPostgres } from './postgres.ts'

const dir = mkdtempSync(join(tmpdir(), 'postgres-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

let count = 0
let place = { dataDir: '', logFile: '' }
beforeEach(() => {
  count += 1
  place = { dataDir: join(dir, String(count), 'data'), logFile: join(dir, String(count), 'log') }
})

/** One simple query over the wire; answers with the first column of each row. Rejects with the server's message. */
function query(port: number, sql: string): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>()
  const socket = connect(port, '127.0.0.1')
  const message = (type: string, body: string) => {
    const bytes = Buffer.from(`${type}0000${body}`)
    bytes.writeUInt32BE(bytes.length - type.length, type.length)
    return bytes
  }
  const startUp = message('', '\0\u0003\0\0user\0app\0database\0postgres\0\0')
  socket.on('connect', () => socket.write(startUp))
  const rows: string[] = []
  let seen = Buffer.alloc(0)
  let readies = 0
  socket.on('error', reject)
  socket.on('data', (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk])
    while (seen.length >= 5 && seen.length > seen.readUInt32BE(1)) {
      const type = String.fromCharCode(seen[0]!)
      const body = seen.subarray(5, 1 + seen.readUInt32BE(1))
      seen = seen.subarray(1 + seen.readUInt32BE(1))
      if (type === 'E') reject(new Error(body.toString('utf8').replaceAll('\0', ' ')))
      if (type === 'D') rows.push(body.subarray(6, 6 + body.readInt32BE(2)).toString('utf8'))
      if (type === 'Z' && ++readies === 1) socket.write(message('Q', `${sql}\0`))
      else if (type === 'Z') resolve(rows)
    }
  })
  return promise.finally(() => socket.destroy())
}

async function withPostgres(options: { durable: boolean }, work: (postgres: Postgres) => Promise<void>): Promise<void> {
  const postgres = await startPostgres({ ...place, ...options })
  try {
    await work(postgres)
  } finally {
    await postgres.stop()
  }
}

test('Postgres 18 answers as soon as it is said to be there, and no more once it is stopped', async () => {
  let port = 0
  await withPostgres({ durable: false }, async (postgres) => {
    port = postgres.port
    expect(postgres.url).toBe(`postgres://app@127.0.0.1:${port}/postgres`)
    expect(await query(port, 'show server_version')).toEqual([expect.stringMatching(/^18\./)])
    expect(await query(port, 'show max_connections')).toEqual(['200'])
  })
  expect(await pingPostgres(port)).toBe(false)
})

test('what was committed survives a crash of the server, on the same port, and a stop and a new start', async () => {
  await withPostgres({ durable: true }, async (postgres) => {
    await query(postgres.port, "create table kept as select 'first' as word")
    await postgres.restart('immediate')
    await query(postgres.port, "insert into kept values ('second')")
    await postgres.restart('fast')
    expect(await query(postgres.port, 'select word from kept order by 1')).toEqual(['first', 'second'])
  })
  await withPostgres({ durable: true }, async (postgres) => {
    expect(await query(postgres.port, 'select word from kept order by 1')).toEqual(['first', 'second'])
    expect(await query(postgres.port, 'show fsync')).toEqual(['on'])
  })
})

test('a server that an earlier run left behind is ended, and its data is found', async () => {
  const died = Promise.withResolvers<void>()
  const left = await startPostgres({ ...place, durable: false, onUnexpectedExit: () => died.resolve() })
  await query(left.port, 'create table kept as select 1 as one')
  await withPostgres({ durable: false }, async (postgres) => {
    await died.promise
    expect(await query(postgres.port, 'select one from kept')).toEqual(['1'])
  })
  await left.stop()
})

test('a pid file whose number belongs to a stranger now does not keep Postgres from starting', async () => {
  await withPostgres({ durable: false }, async () => {})
  writeFileSync(
    join(place.dataDir, 'postmaster.pid'),
    `${process.pid}\n${place.dataDir}\n1\n5432\n\n127.0.0.1\n1 1\nready\n`,
  )
  await withPostgres({ durable: false }, async (postgres) => {
    expect(await query(postgres.port, 'select 1')).toEqual(['1'])
  })
})

test('an initdb that was interrupted is done again', async () => {
  mkdirSync(`${place.dataDir}.new`, { recursive: true })
  writeFileSync(join(`${place.dataDir}.new`, 'half'), '')
  await withPostgres({ durable: false }, async (postgres) => {
    expect(await query(postgres.port, 'select 1')).toEqual(['1'])
  })
  expect(existsSync(join(place.dataDir, 'half'))).toBe(false)
})

test('data of another Postgres is refused in words', async () => {
  mkdirSync(place.dataDir, { recursive: true })
  writeFileSync(join(place.dataDir, 'PG_VERSION'), '15\n')
  await expect(startPostgres({ ...place, durable: false })).rejects.toThrow(/made by Postgres 15, this is 18/)
})

test('the log holds neither the statement nor the row of an error', async () => {
  await withPostgres({ durable: false }, async ({ port }) => {
    await query(port, 'create table person (address text primary key)')
    const insert = "insert into person values ('canary@example.com')"
    await query(port, insert)
    await expect(query(port, insert)).rejects.toThrow(/canary/)
  })
  const log = readFileSync(place.logFile, 'utf8')
  expect(log).toContain('duplicate key')
  expect(log).not.toContain('canary')
})

test('Postgres dies with the process that started it, though that is killed by SIGKILL', async () => {
  const module = JSON.stringify(new URL('./postgres.ts', import.meta.url).href)
  const program = `
    const { startPostgres } = await import(${module})
    const postgres = await startPostgres(${JSON.stringify({ ...place, durable: false })})
    console.log(postgres.port)`
  const args = ['--conditions=@portcullis/source', '--input-type=module', '-e', program]
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(parent.stdout.setEncoding('utf8'), 'data')
  const session = connect(Number(said), '127.0.0.1')
  await once(session, 'connect')
  parent.kill('SIGKILL')
  session.on('error', () => {})
  await once(session.resume(), 'close')
  // The port is given back only when the server itself is gone.
  await expect.poll(() => freePort(Number(said))).toBe(Number(said))
})
