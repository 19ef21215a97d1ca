import { Failure } from '@portcullis/contracts/errors'
import { z } from 'zod'
import { type Config, integer, optional, port, secretUrl, setting, url } from './config.ts'
import { createLogger, logLevels, type Logger } from './log.ts'
import { startMetrics } from './metrics.ts'
import { runProcess } from './process.ts'
import { startTracing } from './tracing.ts'

/** Settings that every service has. Spread them into a service's own shape. */
export const serviceSettings = {
  DATABASE_URL: secretUrl({
    reason: 'the store: state, audit events and the ledger of jobs',
    example: 'postgres://portcullis:…@db.internal:5432/portcullis',
    protocols: ['postgres:', 'postgresql:'],
  }),
  DATABASE_POOL: integer({
    reason: 'connections to the store at most',
    example: '10',
    default: 10,
    min: 1,
    max: 200,
  }),
  LOG_LEVEL: setting(z.enum(logLevels).default('info'), {
    reason: 'how much is logged',
    example: 'info',
    shownDefault: 'info',
  }),
  METRICS_HOST: setting(z.string().default('127.0.0.1'), {
    reason: 'address of /metrics, /livez and /readyz; never a public one',
    example: '127.0.0.1',
    shownDefault: '127.0.0.1',
  }),
  METRICS_PORT: port({
    reason: 'port of /metrics, /livez and /readyz; 0 takes a free one',
    example: '9464',
    default: 0,
  }),
  DRAIN_SECONDS: integer({
    reason: 'how long a stop may take; less than the grace period of whatever stops the process',
    example: '25',
    default: 25,
    min: 1,
    max: 600,
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(
    url({
      reason:
        'where traces go (OTLP over HTTP); without it none are recorded, and trace ids are carried on all the same',
      example: 'http://otel-collector.internal:4318',
    }),
  ),
} as const

/** What those settings come to. */
export type ServiceConfig = Config<typeof serviceSettings>

/** A service that runs. */
export interface RunningService {
  /** Whether it can do its work now: asked by `/readyz`. */
  ready(): Promise<boolean>
  /** Takes nothing new, ends what runs, closes connections. */
  stop(): Promise<void>
}

/** What every service is given. */
export interface ServiceBase {
  readonly log: Logger
  /** Ends the process with a reason: it lives, but does not work. Its supervisor starts it again. */
  readonly giveUp: (reason: string) => void
}

/** The whole of a `main.ts` after its settings are read: log, metrics, tracing, signals, and the service itself. */
export async function runService(options: {
  readonly name: string
  readonly config: ServiceConfig
  readonly create: (base: ServiceBase) => Promise<RunningService>
}): Promise<void> {
  const { name, config } = options
  const log = createLogger({ service: name, level: config.LOG_LEVEL })
  const giveUp = (reason: string): void => {
    // Thrown where nobody catches: the last-resort handler of `runProcess` logs it and ends the process.
    setImmediate(() => {
      throw new Failure('internal_error', { internal: reason })
    })
  }
  await runProcess({
    name,
    log,
    drainSeconds: config.DRAIN_SECONDS,
    async start() {
      const otlpUrl = config.OTEL_EXPORTER_OTLP_ENDPOINT
      const tracing = await startTracing({ service: name, ...(otlpUrl === undefined ? {} : { otlpUrl }) })
      const service = await options.create({ log, giveUp })
      const metrics = await startMetrics({
        service: name,
        host: config.METRICS_HOST,
        port: config.METRICS_PORT,
        ready: () => service.ready(),
        log,
      })
      log.info({ metricsPort: metrics.port }, 'metrics and health')
      return {
        async stop() {
          await service.stop()
          await metrics.close()
          await tracing.close()
        },
      }
    },
  })
}
