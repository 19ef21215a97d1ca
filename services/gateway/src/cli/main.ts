#!/usr/bin/env node
import { runCli } from './run-cli.ts'
import { createTerminal } from './terminal.ts'

// Whoever reads, `head` for one, may have had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const words = process.argv.slice(2)
const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, json: words.includes('--json') })

process.exitCode = await runCli(words, { env: process.env, terminal })
