import { inspect } from 'node:util'

const shown = '[secret]'

/**
 * Text that must not be seen: a password, a key, a token. However it is printed (`String()`, a template, `JSON.stringify`,
 * `util.inspect`, the log), it reads `[secret]`. The value lives in a private field, so no walk over properties,
 * no `structuredClone` and no spread finds it.
 *
 * Source: OWASP ASVS 5 16.2.5 (credentials are never logged), 13.3.1.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Call it where it is used and let the result go; never store or format it. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [Symbol.toPrimitive](): string {
    return shown
  }

  [inspect.custom](): string {
    return shown
  }
}
