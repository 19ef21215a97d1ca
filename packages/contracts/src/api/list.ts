import { z } from 'zod'

/** A page of things, newest first; `nextCursor` null on the last. */
export function listOf<Item extends z.ZodType>(id: string, item: Item) {
  return z
    .strictObject({
      items: z.array(item),
      nextCursor: z
        .string()
        .nullable()
        .meta({ description: 'Asks for the next page; null on the last.', examples: [null] }),
    })
    .meta({ id, description: 'A page.' })
}
