import { Failure, type Fault } from '@portcullis/contracts/errors'
import type { z } from 'zod'
import { jsonPointer } from './json-pointer.ts'

/** So many faults are told; a body of nothing but unknown fields must not make an answer many times its size. */
const faultsMost = 50
const codes: Readonly<Record<string, string>> = {
  too_small: 'too_small',
  too_big: 'too_long',
  invalid_format: 'wrong_form',
}

/**
 * Checks a value by a schema. Every broken rule is told at once (the first 50), with its place, and never with what was
 * sent, but for the names of unknown fields. Source: OWASP ASVS 5 2.2.1, 15.3.3.
 */
export function checkInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  // Without its input an issue cannot tell a missing field from one of another type; it is not passed on.
  const checked = schema.safeParse(value, { reportInput: true })
  if (checked.success) return checked.data
  const faults = checked.error.issues.flatMap(faultsOf)
  // A value of another type breaks further rules by chance: an array has a length, too.
  const untyped = new Set(faults.filter(({ code }) => code === 'wrong_type').map(({ pointer }) => pointer))
  const told = faults.filter(({ code, pointer }) => code === 'wrong_type' || !untyped.has(pointer))
  throw new Failure('validation_failed', { faults: told.slice(0, faultsMost) })
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  const pointer = jsonPointer(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, faultsMost).map((key) => ({
      pointer: pointer + jsonPointer([key.slice(0, 100)]),
      code: 'unknown_field',
      detail: 'is not a field of this call',
    }))
  }
  if (issue.code === 'invalid_type') {
    const missing = issue.input === undefined
    const detail = missing ? 'is required' : `must be ${withArticle(issue.expected)}`
    return [{ pointer, code: missing ? 'required' : 'wrong_type', detail }]
  }
  return [{ pointer, code: codes[issue.code] ?? 'invalid', detail: issue.message }]
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`
}
