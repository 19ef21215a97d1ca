import { join } from 'node:path'
import type { WantedProgram } from './program-from-apt.ts'
import { type RedisProgram, tryProgram } from './redis-program.ts'

const servers = ['redis-server', 'valkey-server']

/** The distribution's own Redis, or Valkey. About 7 MB. The program lies in a package beside the server's. */
export const redisFromApt: WantedProgram<RedisProgram> = {
  packages: servers,
  besides: (server) => [server.replace('server', 'tools')],
  tryIn({ root, libraryPath }) {
    for (const name of servers) {
      const found = tryProgram(join(root, 'usr', 'bin', name), libraryPath)
      if (found) return found
    }
    return undefined
  },
}
