import { z } from 'zod'
import { Secret } from './secret.ts'

/** What a reader of the documentation, and of an error, is told of a setting. */
export interface About {
  /** Why the setting exists, or what it changes, in a few words. */
  readonly reason: string
  /** A value that works. */
  readonly example: string
  /** The value must never be printed. Default false. */
  readonly secret?: boolean
  /** An error may quote the wrong value. Default false: what is unknown may hold a password. */
  readonly quoted?: boolean
  /** The default, as documentation shows it. */
  readonly shownDefault?: string
}

/** One variable of the environment: how it is read, and what is told of it. */
export interface Setting<T> extends About {
  readonly schema: z.ZodType<T>
}

/** All settings of a process, by the name of their variable. */
export type ConfigShape = Readonly<Record<string, Setting<unknown>>>

/** What `readConfig` gives for a shape. */
export type Config<Shape extends ConfigShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Setting<infer T> ? T : never
}

/** One setting that is missing or wrong. */
export interface ConfigProblem {
  readonly name: string
  readonly problem: string
  readonly reason: string
  readonly example: string
}

/** A row of documentation. */
export interface ConfigRow {
  readonly name: string
  readonly required: boolean
  readonly default: string | undefined
  readonly example: string
  readonly reason: string
  readonly secret: boolean
}

/** The environment does not make a configuration. The message is for people and names every problem at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const title =
      problems.length === 1 ? 'A setting is missing or wrong:' : `${problems.length} settings are missing or wrong:`
    super([title, ...problems.map(paragraph)].join('\n\n'))
    this.problems = problems
  }
}

function paragraph({ name, problem, reason, example }: ConfigProblem): string {
  return `  ${name} ${problem}\n    why:     ${reason}\n    example: ${name}=${example}`
}

/**
 * A setting read by any zod schema whose input is text (or nothing, when it has a default or is optional).
 * Its value is not quoted in errors.
 */
export function setting<T>(schema: z.ZodType<T>, about: About): Setting<T> {
  return { ...about, schema }
}

/** The same setting, but it may be missing: its value is then undefined. */
export function optional<T>(one: Setting<T>): Setting<T | undefined> {
  return { ...one, schema: one.schema.optional() }
}

/**
 * Reads the settings of `shape` from `env` (usually `process.env`), all of them before it answers. A variable that is
 * empty counts as missing; variables outside the shape are ignored.
 *
 * @throws ConfigError that lists every problem: name, what is wrong, reason, example. It never holds the value of a secret.
 * Source: OWASP ASVS 5 13.1, 16.2.5.
 */
export function readConfig<Shape extends ConfigShape>(
  shape: Shape,
  env: Readonly<Record<string, string | undefined>>,
): Config<Shape> {
  const values: Record<string, unknown> = {}
  const problems: ConfigProblem[] = []
  for (const [name, one] of Object.entries(shape)) {
    const text = env[name] === '' ? undefined : env[name]
    const answer = one.schema.safeParse(text)
    if (answer.success) values[name] = answer.data
    else problems.push({ name, problem: problemOf(one, text, answer.error), reason: one.reason, example: one.example })
  }
  if (problems.length > 0) throw new ConfigError(problems)
  // Every name of the shape was parsed by that name's own schema above.
  return values as Config<Shape>
}

function problemOf(one: Setting<unknown>, text: string | undefined, error: z.ZodError): string {
  if (text === undefined) return 'is missing.'
  const rules = error.issues.map((issue) => issue.message).join('; ')
  if (one.quoted === true) return `${rules}; it is ${JSON.stringify(text.slice(0, 60))}.`
  return rules.includes(text) ? 'is not valid.' : `${rules}.`
}

/** The settings of a shape as rows for documentation, in the order of the shape. */
export function describeConfig(shape: ConfigShape): ConfigRow[] {
  return Object.entries(shape).map(([name, one]) => ({
    name,
    required: !one.schema.safeParse(undefined).success,
    default: one.secret === true ? undefined : one.shownDefault,
    example: one.example,
    reason: one.reason,
    secret: one.secret ?? false,
  }))
}

/** What the ready-made settings below take: reason, example and, where one makes sense, the default. */
export interface Told<T> {
  readonly reason: string
  readonly example: string
  readonly default?: T
}

/** Text that must not be seen, `minChars` (default 1) or more. No default: nobody ships a secret (ASVS 5 13.2.3). */
export function secretText(about: Told<never> & { readonly minChars?: number }): Setting<Secret> {
  const least = about.minChars ?? 1
  const rule = `must have ${least} characters or more`
  const schema = z
    .string()
    .refine((text) => text.length >= least, rule)
    .transform((text) => new Secret(text))
  return { reason: about.reason, example: about.example, secret: true, schema }
}

/** A whole number from `min` to `max`, both included. */
export function integer(about: Told<number> & { readonly min: number; readonly max: number }): Setting<number> {
  const rule = `must be a whole number from ${about.min} to ${about.max}`
  return ready(about, rule, (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    return value >= about.min && value <= about.max ? value : undefined
  })
}

/** A TCP port, 0 to 65535. With 0 the system picks a free one. */
export function port(about: Told<number>): Setting<number> {
  return integer({ ...about, min: 0, max: 65_535 })
}

/** A duration in seconds; a fraction is allowed. From `min` (default 0) to `max` (default one year). */
export function seconds(about: Told<number> & { readonly min?: number; readonly max?: number }): Setting<number> {
  const min = about.min ?? 0
  const max = about.max ?? 31_536_000
  return ready(about, `must be a number of seconds from ${min} to ${max}`, (text) => {
    const value = /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : undefined
  })
}

const flags = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
])

/** Yes or no: `true`, `1`, `yes`, `on`, or `false`, `0`, `no`, `off`. */
export function flag(about: Told<boolean>): Setting<boolean> {
  return ready(about, 'must be true or false', (text) => flags.get(text.toLowerCase()))
}

/** What an address may look like. */
interface UrlRule {
  /** Allowed schemes with their colon. Default `http:` and `https:`. */
  readonly protocols?: readonly string[]
}

/** An absolute URL as text, without a password in it (for those that hold one, `secretUrl`). Never quoted in errors. */
export function url(about: Told<string> & UrlRule): Setting<string> {
  const rule = `${urlRule(about)}, and hold no password`
  const read = (text: string) => (isUrl(text, about) && new URL(text).password === '' ? text : undefined)
  return { ...ready(about, rule, read), quoted: false }
}

/** An absolute URL that may hold a password: the address of a database, of Redis, of a mail server. */
export function secretUrl(about: Told<never> & UrlRule): Setting<Secret> {
  const schema = z
    .string()
    .refine((text) => isUrl(text, about), urlRule(about))
    .transform((text) => new Secret(text))
  return { reason: about.reason, example: about.example, secret: true, schema }
}

function isUrl(text: string, rule: UrlRule): boolean {
  return protocolsOf(rule).includes(URL.parse(text)?.protocol ?? '')
}

function urlRule(rule: UrlRule): string {
  return `must be a URL that starts with ${protocolsOf(rule).join(' or ')}`
}

function protocolsOf(rule: UrlRule): readonly string[] {
  return rule.protocols ?? ['http:', 'https:']
}

/** A setting whose wrong value may be quoted: a number, a yes or no. */
function ready<T extends string | number | boolean>(
  about: Told<T>,
  rule: string,
  read: (text: string) => T | undefined,
): Setting<T> {
  const fallback = about.default
  const schema = z
    .string()
    .optional()
    .transform((raw, context): T => {
      const value = raw === undefined ? fallback : read(raw.trim())
      if (value !== undefined) return value
      context.addIssue({ code: 'custom', message: rule })
      return z.NEVER
    })
  const told = { reason: about.reason, example: about.example, quoted: true, schema }
  return fallback === undefined ? told : { ...told, shownDefault: String(fallback) }
}
