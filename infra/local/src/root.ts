import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the whole repository, absolute, without a trailing slash. */
export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

/** Folder of everything that a run leaves behind: databases, logs, keys, downloaded programs. Ignored by git. */
export const dataDir = join(root, '.data')
