/** The processes of the house that may hear messages. A name here is a folder in `services/` and a queue in Redis. */
export const services = ['gateway', 'relay', 'reset-mailer', 'notifier', 'sweeper', 'lockdown', 'revoker'] as const

/** Name of a service. */
export type Service = (typeof services)[number]
