import { z } from 'zod'

/**
 * A copy of an answer's schema that takes fields it does not know, at every depth, and drops them: a newer server may tell more
 * than this client was made for. All else stays as strict as it is.
 */
export function loosen(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodObject) {
    const fields = Object.entries(schema.shape).map(([name, field]) => [name, loosen(typed(field))])
    return z.object(Object.fromEntries(fields))
  }
  if (schema instanceof z.ZodArray) return z.array(loosen(typed(schema.element)))
  if (schema instanceof z.ZodNullable) return z.nullable(loosen(typed(schema.unwrap())))
  if (schema instanceof z.ZodOptional) return z.optional(loosen(typed(schema.unwrap())))
  if (schema instanceof z.ZodUnion) return z.union(schema.options.map((option) => loosen(typed(option))))
  if (schema instanceof z.ZodRecord) return z.record(schema.keyType, loosen(typed(schema.valueType)))
  return schema
}

/** Guarantee: contracts are written in zod's classic form, whose every schema is a `ZodType`. */
function typed(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema
  throw new TypeError('an answer of the contract is no zod schema')
}
