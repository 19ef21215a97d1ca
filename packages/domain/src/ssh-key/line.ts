import { keyTextOctetsMost, type SshKeyFaultCode } from './fault.ts'
import { isSshKeyType, type SshKeyType } from './type.ts'

/** The two words of a public key line that count. What stood behind them, the comment, is gone. */
export interface SshKeyLine {
  readonly type: SshKeyType
  readonly blob: Buffer
}

/** PEM and ssh.com headers, PuTTY's file in either half, and the body of an OpenSSH private key without its header. */
const privateKey = /PRIVATE\s+KEY|PuTTY-User-Key-File|Private-(?:Lines|MAC|Hash)|b3BlbnNzaC1rZXktdjEA/
const fileHeader = /^-{4,5} ?BEGIN /
/** C0 and C1 controls, DEL, line and paragraph separator, bidirectional marks, embeddings, overrides and isolates. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
/** A key that begins later in the line: then what stands before it is options or host names. */
const laterKey = / (?:ssh|ecdsa|sk)-[\w.@-]{1,60} AAAA/

/**
 * Reads `type base64 comment`, the form of a `.pub` file, as a person pasted it. Spaces around it and one final newline (LF
 * or CRLF) are dropped; anything else that is not exactly this form is refused, never mended: stripped options would turn a
 * key that was restricted into one that is not. The comment is read for forbidden characters and then forgotten.
 * Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT; RFC 4648 section 4 (strict base64).
 */
export function readKeyLine(text: string): SshKeyLine | SshKeyFaultCode {
  if (privateKey.test(text)) return 'ssh_private_key'
  // The length is looked at first, so that a huge text is not measured.
  if (text.length > keyTextOctetsMost || Buffer.byteLength(text, 'utf8') > keyTextOctetsMost) return 'ssh_too_long'
  const line = trim(text)
  if (line === '') return 'ssh_empty'
  if (fileHeader.test(line)) return 'ssh_file_format'
  if (line.includes('\n')) return 'ssh_several_lines'
  if (forbidden.test(line)) return 'ssh_control_character'
  const [type = '', data = ''] = line.split(' ', 2)
  if (!isSshKeyType(type)) return refuseType(type, line)
  const blob = Buffer.from(data, 'base64')
  // Node skips what is not base64; only the one true spelling comes back as it was.
  return data === '' || blob.toString('base64') !== data ? 'ssh_base64' : { type, blob }
}

function refuseType(type: string, line: string): SshKeyFaultCode {
  if (/-cert-v0\d@openssh\.com$/.test(type)) return 'ssh_certificate'
  if (type === 'ssh-dss') return 'ssh_dss'
  const key = laterKey.exec(line)
  if (key === null) return 'ssh_unknown_type'
  return /cert-authority/i.test(line.slice(0, key.index)) ? 'ssh_cert_authority' : 'ssh_options'
}

/** By hand, because ` +$` costs the square of a long run of spaces. */
function trim(text: string): string {
  const noNewline = dropSpacesBehind(text).replace(/\r?\n$/, '')
  let start = 0
  while (noNewline[start] === ' ') start += 1
  return dropSpacesBehind(noNewline.slice(start))
}

function dropSpacesBehind(text: string): string {
  let end = text.length
  while (text[end - 1] === ' ') end -= 1
  return text.slice(0, end)
}
