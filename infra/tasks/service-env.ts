import { services, type Service } from '@portcullis/contracts/service'
import { freePort, freePorts } from '@portcullis/local/free-port'
import { readKeys } from '@portcullis/local/keys'
import { dataDir } from '@portcullis/local/root'
import type { Ground } from './house.ts'

/** One service and what it is given. */
export interface PlannedService {
  readonly name: Service
  /** Base address of its metrics and health. */
  readonly metrics: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** All services of the house and the gateway's address. */
export interface Plan {
  readonly gateway: string
  readonly services: readonly PlannedService[]
}

const host = '127.0.0.1'

/** Gives every service its settings. What the caller's environment already says, stays as it says. */
export async function planServices(given: Readonly<Record<string, string | undefined>>, ground: Ground): Promise<Plan> {
  const gatewayHost = given['GATEWAY_HOST'] || host
  const gatewayPort = given['GATEWAY_PORT'] || String(await freePort(8080))
  const gateway = `http://${gatewayHost.includes(':') ? `[${gatewayHost}]` : gatewayHost}:${gatewayPort}`
  const shared = {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    MAIL_FROM: 'Portcullis <security@portcullis.localhost>',
    PUBLIC_URL: gateway,
    MASTER_KEY: given['MASTER_KEY'] || readKeys(dataDir).masterKey,
    ...withoutNpm(given),
    DATABASE_URL: ground.serviceDatabaseUrl,
    REDIS_URL: ground.redisUrl,
    SMTP_URL: ground.smtpUrl,
    METRICS_HOST: host,
    GATEWAY_HOST: gatewayHost,
    GATEWAY_PORT: gatewayPort,
  }
  const ports = await freePorts(services.length)
  return {
    gateway,
    services: services.map((name, at) => ({
      name,
      metrics: `http://${host}:${ports[at]}`,
      env: { ...shared, METRICS_PORT: String(ports[at]) },
    })),
  }
}

/** npm tells its children much that no service should know. */
function withoutNpm(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)))
}
