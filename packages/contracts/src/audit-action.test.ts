import { expect, it } from 'vitest'
import { untoldActions } from './audit-action.ts'
import { securityEventActions, securityEventOf } from './security-event.ts'
import { actionsOf, testEvent, webhookEventNames, webhookEvents } from './webhook-event.ts'

const told = webhookEventNames.flatMap((name): readonly string[] => webhookEvents[name].actions)
const all = [...told, testEvent.action, ...untoldActions]

it('of every kind of fact it is decided once whether receivers are told', () => {
  expect(all.toSorted()).toEqual([...new Set(all)].toSorted())
  expect(actionsOf(['*']).toSorted()).toEqual(told.toSorted())
})

it('a security event is made of facts that are recorded, and of no other', () => {
  expect(securityEventActions.filter((action) => !all.includes(action))).toEqual([])
  expect(securityEventOf('toString')).toBeUndefined()
})
