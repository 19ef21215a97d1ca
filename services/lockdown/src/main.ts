import { readConfigOrExit } from '@portcullis/runtime/process'
import { runService } from '@portcullis/runtime/service'
import { settings } from './config.ts'
import { createService } from './service.ts'

const config = readConfigOrExit(settings, process.env)

await runService({ name: 'lockdown', config, create: (base) => createService({ ...base, config }) })
