import { expect, it } from 'vitest'
import { signWebhook } from './signature.ts'

const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1614265330,
  body: '{"test": 2432232314}',
}
const published = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='

it('a signature is that of the published vector of Standard Webhooks', () => {
  expect(signWebhook([key], message)).toBe(published)
})

it('while a former secret is good there are two, the newest first', () => {
  const former = Buffer.from('C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 'base64')
  const [first, second, ...more] = signWebhook([key, former], message).split(' ')
  expect([first, second?.slice(0, 3), more]).toEqual([published, 'v1,', []])
  expect(second).toBe(signWebhook([former], message))
})

it.each([
  ['id', { id: 'msg_p5jXN8AQM9LWM0D4loKWxJel' }],
  ['moment', { timestampSeconds: 1614265331 }],
  ['one space of the body', { body: '{"test":2432232314}' }],
])('another %s has another signature', (_, changed) => {
  expect(signWebhook([key], { ...message, ...changed })).not.toBe(published)
})

it('an id that could be taken for two parts is refused', () => {
  expect(() => signWebhook([key], { ...message, id: 'msg_a.1614265330' })).toThrow(RangeError)
})
