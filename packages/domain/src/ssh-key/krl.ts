import { wireString, wireUint32, wireUint64 } from './wire.ts'

/** What a revocation list says. */
export interface RevokedKeys {
  /** Rises with every change of the list; 0 to 2^64 - 1. */
  readonly version: bigint
  /** When the list was made; kept in whole seconds. */
  readonly generatedAt: Date
  /** For a reader of the file (`ssh-keygen -Q -l`); at most 256 octets, no control characters. Empty when absent. */
  readonly comment?: string
  /** Keys in wire format: `blob` of a parsed key. */
  readonly keys: readonly Buffer[]
  /** SHA-256 digests of keys, 32 bytes each. Servers older than OpenSSH 7.9 do not read such a list. */
  readonly fingerprints: readonly Buffer[]
}

/** "SSHKRL\n\0" */
const magic = 0x5353_484b_524c_0a00n
const formatVersion = 1
const sectionExplicitKey = 2
const sectionFingerprintSha256 = 5
const digestBytes = 32
/** Octets of one key: what the parser takes at most. */
const keyOctetsMost = 8192
/** Octets of all entries with their lengths. OpenSSH loads no file of 128 MiB; a quarter of it is over 450,000 Ed25519 keys. */
const listOctetsMost = 32 * 1024 * 1024
const commentOctetsMost = 256

/**
 * Writes a Key Revocation List for `RevokedKeys` of sshd_config, byte for byte as `ssh-keygen -k` writes it: entries sorted and
 * each once, an empty section left out. Throws `RangeError` where a part is out of bounds: a list that is cut would let a
 * revoked key in, and one that OpenSSH cannot read locks everyone out, so no list is better than a wrong one.
 * Runs at a stretch, nearly all of it sorting: entries that come sorted (as `order by` a `bytea` gives them) cost little.
 * Source: OpenSSH PROTOCOL.krl sections 1, 3 and 4.
 */
export function buildKrl(revoked: RevokedKeys): Buffer {
  const comment = Buffer.from(revoked.comment ?? '', 'utf8')
  const commentFits = comment.length <= commentOctetsMost && !/\p{Cc}/u.test(revoked.comment ?? '')
  if (!commentFits) throw new RangeError('comment of the KRL')
  if (revoked.keys.some(({ length }) => length === 0 || length > keyOctetsMost)) throw new RangeError('key in the KRL')
  if (revoked.fingerprints.some(({ length }) => length !== digestBytes)) throw new RangeError('digest in the KRL')
  if (octets(revoked.keys) + octets(revoked.fingerprints) > listOctetsMost) throw new RangeError('the KRL is too long')
  return Buffer.concat([
    wireUint64(magic),
    wireUint32(formatVersion),
    wireUint64(revoked.version),
    wireUint64(epochSeconds(revoked.generatedAt)),
    wireUint64(0n), // flags: none are defined
    wireString(''), // reserved
    wireString(comment),
    section(sectionExplicitKey, revoked.keys),
    section(sectionFingerprintSha256, revoked.fingerprints),
  ])
}

/** Before anything is sorted or copied; entries that come twice count twice. */
function octets(entries: readonly Buffer[]): number {
  return entries.reduce((sum, { length }) => sum + length + 4, 0)
}

function section(kind: number, entries: readonly Buffer[]): Buffer {
  if (entries.length === 0) return Buffer.alloc(0)
  const sorted = [...entries].sort(Buffer.compare)
  const once = sorted.filter((entry, at) => at === 0 || sorted[at - 1]?.equals(entry) === false)
  return Buffer.concat([Buffer.of(kind), wireString(Buffer.concat(once.map((entry) => wireString(entry))))])
}

/** An invalid date, or one before 1970, is out of bounds too: `BigInt` or `wireUint64` throws. */
function epochSeconds(at: Date): bigint {
  return BigInt(Math.floor(at.getTime() / 1000))
}
