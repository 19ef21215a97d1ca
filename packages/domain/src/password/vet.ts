import type { Fault } from '@portcullis/contracts/errors'
import type { BreachCheck } from './breach.ts'
import { breachedFault } from './fault.ts'
import { checkPassword, type PasswordProfile } from './policy.ts'

/** Whose password it is to be. */
export interface PasswordOwner {
  readonly email: string
  readonly name: string
  readonly secondFactor: boolean
}

/** Gives every rule that a new password breaks; none means that it may be used. */
export type PasswordVetter = (password: string, owner: PasswordOwner, pointer?: string) => Promise<readonly Fault[]>

/** The house's password policy. */
export interface VettingOptions {
  readonly profile: PasswordProfile
  readonly minimumLength?: number
  /** Words of the product that must not make a password. */
  readonly contextWords: readonly string[]
  readonly breach: BreachCheck
}

/** Puts the policy and the breach check together; the network is asked only about a password that keeps the rules. */
export function createPasswordVetter(options: VettingOptions): PasswordVetter {
  const { breach, ...rules } = options
  return async (password, owner, pointer = '/password') => {
    const broken = checkPassword(password, { ...rules, ...owner })
    if (broken.length === 0 && (await breach.check(password)) === 'breached') broken.push(breachedFault)
    return broken.map((fault) => ({ pointer, code: fault.code, detail: fault.detail }))
  }
}
