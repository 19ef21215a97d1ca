import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { buildOpenApi } from '@portcullis/contracts/openapi'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { conformingFetch } from './conforming-fetch.ts'

let server: Server
let baseUrl = ''
let answer: RequestListener = () => {}
const document = JSON.stringify(buildOpenApi({ title: 'Acme', serverUrl: 'https://account.acme.example' }))
let served = document

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/openapi.json') response.end(served)
    else answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  baseUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const say = (status: number, body: string) => {
  answer = (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'request-1' }).end(body)
}

it('gives every answer on as it came, and tells at the end which were not as documented', async () => {
  const conforming = conformingFetch(baseUrl)
  say(200, '{"left":9}')
  const good = await conforming.fetch(`${baseUrl}/v1/account/backup-codes`)
  expect([good.status, await good.json(), good.headers.get('x-request-id')]).toEqual([200, { left: 9 }, 'request-1'])
  conforming.assertConforming()
  say(200, '{"left":"many"}')
  const bad = await conforming.fetch(`${baseUrl}/v1/account/backup-codes?planted=secret`)
  expect(await bad.json()).toEqual({ left: 'many' })
  expect(conforming.judged()).toBe(2)
  expect(() => conforming.assertConforming()).toThrow(
    'not as /openapi.json documents it:\nGET /v1/account/backup-codes 200: the body/left must be integer',
  )
})

it('tells of a document that no validator can read, and gives the answer on all the same', async () => {
  served = document.replace('"left":{"type":"integer"', '"left":{"type":"string"')
  expect(served).not.toBe(document)
  const conforming = conformingFetch(baseUrl)
  say(200, '{"left":9}')
  expect((await conforming.fetch(`${baseUrl}/v1/account/backup-codes`)).status).toBe(200)
  served = document
  expect(() => conforming.assertConforming()).toThrow('200: the document cannot be read: strict mode')
})

it('leaves a lost connection what it is', async () => {
  const conforming = conformingFetch(baseUrl)
  answer = (_request, response) => response.socket?.destroy()
  await expect(conforming.fetch(`${baseUrl}/v1/account/backup-codes`)).rejects.toThrow(TypeError)
  conforming.assertConforming()
})
