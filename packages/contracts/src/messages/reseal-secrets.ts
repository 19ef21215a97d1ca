import { z } from 'zod'
import { defineMessage, priorities } from './message.ts'

/** Tick: secrets that are sealed under an older key are sealed again under the newest, see the sweeper's README. */
export const resealSecrets = defineMessage({
  name: 'reseal.secrets',
  heardBy: ['sweeper'],
  version: 1,
  payloads: { 1: z.strictObject({}) },
  priority: priorities.bulk,
  attemptsMost: 3,
  usefulSeconds: 3600,
  everySeconds: 300,
})
