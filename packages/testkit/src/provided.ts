import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: string
    databaseTemplate: string
    redisUrl: string | undefined
  }
}

/** The database server that all tests share. */
export const databaseServer = (): string => inject('databaseServer')

/** The migrated database that tests copy. */
export const databaseTemplate = (): string => inject('databaseTemplate')

/** The Redis that all tests share; `undefined` where none can be had. Keep to a prefix of your own. */
export const sharedRedisUrl = (): string | undefined => inject('redisUrl')
