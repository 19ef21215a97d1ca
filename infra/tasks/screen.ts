import type { Run } from '@portcullis/local/run-file'
import { bold, quiet } from './progress.ts'
import { demoAccount, type Seeded } from './seed.ts'

/** The one screen of a running house. */
export function drawScreen(run: Run, seeded: Seeded): string {
  const rows = [
    ['Gateway', run.gateway],
    ['API docs', run.docs],
    ['Mail inbox', run.inbox ?? 'none: mail goes to SMTP_URL'],
    ['Demo account', describeDemo(seeded)],
  ] as const
  const body = `'{"email":"${demoAccount.email}"}'`
  return [
    '',
    `  ${bold('Portcullis is running.')}`,
    '',
    ...rows.map(([name, value]) => `    ${quiet(name.padEnd(14))}${value}`),
    '',
    `  Try it: ask for a reset mail${run.inbox === null ? '' : ', then open the inbox'}.`,
    '',
    `    curl -i ${run.gateway}/v1/password-resets \\`,
    `      -H 'content-type: application/json' -d ${body}`,
    '',
    ...(run.redis === null ? ['  There is no Redis; workers take their jobs straight from Postgres.', ''] : []),
    quiet('  Data is in .data, logs are in .data/logs, these addresses in .data/run.json. Ctrl-C stops everything.'),
    '',
  ].join('\n')
}

function describeDemo(seeded: Seeded): string {
  if (!seeded.ready) return `none: ${seeded.why}`
  return `${demoAccount.email}   ${seeded.asMade ? demoAccount.password : 'with the password that was set since'}`
}
