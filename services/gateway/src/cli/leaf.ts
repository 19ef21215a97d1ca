import { type IdKind, type Id, publicId } from '@portcullis/contracts/ids'
import { type Command, InvalidArgumentError } from 'commander'

/** A command that does something; the words after its name as commander writes them: `replay [id]`. */
export function addLeaf(parent: Command, name: string, description: string, examples: readonly string[] = []): Command {
  const leaf = parent.command(name).description(description).option('--json', 'print the result as JSON')
  if (examples.length > 0) leaf.addHelpText('after', `\nExamples:\n${examples.map((one) => `  ${one}`).join('\n')}`)
  return leaf
}

/** A command that only holds others. */
export function addGroup(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).helpCommand(false)
}

/** Reads a public id of a kind, or says that it is none: then nothing is tried. */
export function readId<Kind extends IdKind>(kind: Kind): (text: string) => Id<Kind> {
  const schema = publicId(kind)
  return (text) => {
    const read = schema.safeParse(text)
    if (read.success) return read.data
    throw new InvalidArgumentError(read.error.issues.map((issue) => issue.message).join('; '))
  }
}

/** Checks a public id of a kind and hands it on as it is, for the gateway. */
export function checkId(kind: IdKind): (text: string) => string {
  const read = readId(kind)
  return (text) => {
    read(text)
    return text
  }
}

/** Reads one of some names. */
export function readName<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const found = names.find((name) => name === text)
    if (found !== undefined) return found
    throw new InvalidArgumentError(`must be one of ${names.join(', ')}`)
  }
}

/** Reads a whole number. */
export function readNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`)
  }
}

/** Reads why something is done, as audit events keep it. */
export function readReason(text: string): string {
  if (text.trim().length >= 10 && text.length <= 500 && !/\p{Cc}/u.test(text)) return text
  throw new InvalidArgumentError('must say why, in 10 to 500 characters on one line')
}
