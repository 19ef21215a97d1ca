import { customType, timestamp } from 'drizzle-orm/pg-core'

/** Raw bytes. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' })

/** A JSON document. The driver itself writes and reads it; Drizzle's own `jsonb` would encode it twice here. */
export const json = <T>() => customType<{ data: T; driverData: T }>({ dataType: () => 'jsonb' })()

/** A moment, with time zone, to the microsecond. */
export const moment = () => timestamp({ withTimezone: true, mode: 'date' })

/** A transaction's number, 64 bits, never used again. As text: no number of JavaScript holds it. */
export const xid = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' })
