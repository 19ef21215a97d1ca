import type { ErrorCode } from '@portcullis/contracts/errors'
import { describe, expectTypeOf, it } from 'vitest'
import type { CallAnswer, CallInput, ListName, PageOf } from './call-type.ts'
import type { Client } from './create-client.ts'
import type { ProblemError } from './problem-error.ts'

/** These hold when they compile; `npm run verify` compiles them. */
describe('the types of a call', () => {
  it('follow from its contract: what it takes', () => {
    expectTypeOf<keyof CallInput<'getSession'>>().toBeNever()
    expectTypeOf<CallInput<'verifyEmail'>['body']>().toEqualTypeOf<{ token: string }>()
    expectTypeOf<CallInput<'renameApiKey'>>().toExtend<{ params: { id: string }; body: { name: string } }>()
    expectTypeOf<[]>().toExtend<Parameters<Client['getSession']>>()
    expectTypeOf<[]>().not.toExtend<Parameters<Client['createSession']>>()
    expectTypeOf<{}>().not.toExtend<CallInput<'createSession'>>()
    expectTypeOf<{}>().toExtend<CallInput<'revokeSessions'>>()
    expectTypeOf<{ query: { limit: number } }>().toExtend<CallInput<'listActivity'>>()
    expectTypeOf<{ query: { except: 'others' } }>().not.toExtend<CallInput<'revokeSessions'>>()
  })

  it('follow from its contract: what each status brings', () => {
    type Login = CallAnswer<'createSession'>
    expectTypeOf<Login['status']>().toEqualTypeOf<200 | 201>()
    expectTypeOf<Extract<Login, { status: 200 }>['body']>().toEqualTypeOf<{ mfaRequired: true; challenge: string }>()
    expectTypeOf<Extract<Login, { status: 201 }>['body']['session']['id']>().toEqualTypeOf<string>()
    expectTypeOf<CallAnswer<'deleteSession'>['body']>().toEqualTypeOf<null>()
    expectTypeOf<CallAnswer<'fetchAuthorizedKeys'>['body']>().toEqualTypeOf<string>()
    expectTypeOf<CallAnswer<'fetchRevokedKeys'>['body']>().toEqualTypeOf<Uint8Array<ArrayBuffer> | null>()
  })

  it('know which calls are lists', () => {
    expectTypeOf<'listActivity' | 'listSessions' | 'listApiKeys' | 'listSshKeys'>().toExtend<ListName>()
    expectTypeOf<'getAccount'>().not.toExtend<ListName>()
    expectTypeOf<PageOf<'listSessions'>['items'][number]['current']>().toEqualTypeOf<boolean>()
  })

  it('close the codes of refusals', () => {
    expectTypeOf<ProblemError['code']>().toEqualTypeOf<ErrorCode | undefined>()
  })
})
