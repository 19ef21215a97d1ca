/** A hash that another system made, read and within the bounds of what this one is ready to compute. */
export type ImportedHash =
  | { readonly scheme: 'bcrypt'; readonly text: string }
  | {
      readonly scheme: 'scrypt'
      readonly cost: number
      readonly blockSize: number
      readonly lanes: number
      readonly salt: Buffer
      readonly tag: Buffer
    }
  | {
      readonly scheme: 'pbkdf2'
      readonly digest: 'sha256' | 'sha512'
      readonly iterations: number
      readonly salt: Buffer
      readonly tag: Buffer
    }

/** What is wrong with a hash. Holds nothing of the hash. */
export interface ImportedHashRefusal {
  readonly ok: false
  /** `unknown`: none of the schemes. `malformed`: not as its scheme writes it. `too_costly`: beyond the bounds below. */
  readonly why: 'unknown' | 'malformed' | 'too_costly'
  readonly detail: string
}

/** Beyond this, no hash is read at all: the longest good one has about 200 characters. */
const charactersMost = 512
/** 2^14 rounds are about a second of one core. Twice as long for each step more: 2^31 are two days. */
const bcryptCostMost = 14
/** N x r x p: OWASP's strongest choices (2^17 x 8 x 1, 2^16 x 8 x 2) and no more. As memory is 128 x N x r bytes, it is 128 MiB at most. */
const scryptWorkMost = 2 ** 20
/** r and p as large as these serve nobody, and make mixtures that nobody has measured. RFC 7914's own examples have p = 16. */
const scryptBlockSizeMost = 32
const scryptLanesMost = 16
/** Rounds of HMAC for the whole tag: twice what Django 6 does, about a second with SHA-512. */
const pbkdf2RoundsMost = 2_000_000
/** NIST SP 800-63B-4 3.1.1.2 asks for 32 bits of salt. A longer one than 64 bytes only costs. */
const saltBytes = { least: 4, most: 64 }
/** Below 128 bits another password may fit by chance. */
const tagBytes = { least: 16, most: 64 }

const bcryptForm = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/
const scryptForm = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,10}),p=(\d{1,10})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const pbkdf2Form = /^\$pbkdf2-(sha256|sha512)\$i=(\d{1,10})(?:,l=(\d{1,3}))?\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/
const schemeForm = /^\$(?:2[aby]|scrypt|pbkdf2-sha256|pbkdf2-sha512)\$/

/** Whether a stored hash is one that came from elsewhere, by the name of its scheme alone. */
export function isImported(phc: string): boolean {
  return schemeForm.test(phc)
}

/**
 * Reads bcrypt (`$2a$`, `$2b$`, `$2y$`; not `$2x$`, which is known to be broken) and PHC strings of scrypt (`$scrypt$ln=17,r=8,p=1$salt$tag`) and of
 * PBKDF2 (`$pbkdf2-sha256$i=600000$salt$tag`, also `sha512`, and with `,l=` the tag's bytes), base64 without padding. Numbers are decimal without
 * leading zeros. Cost is bounded, so that a hash made up by somebody can neither take the memory nor the cores: to be asked at
 * import, and again by the verifier. Weak parameters are no fault: the hash is replaced at the next login.
 * Source: PHC string format; RFC 7914; RFC 8018; OWASP Password Storage Cheat Sheet; OWASP ASVS 5 15.1.3.
 */
export function readImportedHash(
  phc: string,
): { readonly ok: true; readonly hash: ImportedHash } | ImportedHashRefusal {
  if (!isImported(phc)) return refuse('unknown', 'must be a bcrypt, scrypt or PBKDF2 hash')
  if (phc.length > charactersMost) return refuse('malformed', `must have at most ${charactersMost} characters`)
  if (phc.startsWith('$2')) return readBcrypt(phc)
  return phc.startsWith('$scrypt$') ? readScrypt(phc) : readPbkdf2(phc)
}

type Reading = ReturnType<typeof readImportedHash>

function readBcrypt(phc: string): Reading {
  const [, cost] = bcryptForm.exec(phc) ?? []
  if (cost === undefined)
    return refuse('malformed', 'must be $2b$, two digits of cost, $ and 53 characters of salt and tag')
  if (Number(cost) > bcryptCostMost) return refuse('too_costly', `must have a cost of at most ${bcryptCostMost}`)
  return { ok: true, hash: { scheme: 'bcrypt', text: phc } }
}

function readScrypt(phc: string): Reading {
  const [, ln, r, p, saltText, tagText] = scryptForm.exec(phc) ?? []
  const [logCost, blockSize, lanes] = [decimal(ln), decimal(r), decimal(p)]
  const ends = readEnds(saltText, tagText)
  if (logCost === undefined || blockSize === undefined || lanes === undefined || ends === undefined) {
    return refuse(
      'malformed',
      'must be $scrypt$ln=..,r=..,p=..$salt$tag, with 4 to 64 bytes of salt and 16 to 64 of tag',
    )
  }
  const cost = 2 ** logCost
  if (cost * blockSize * lanes > scryptWorkMost || blockSize > scryptBlockSizeMost || lanes > scryptLanesMost) {
    return refuse(
      'too_costly',
      `must have N x r x p of at most ${scryptWorkMost}, r of ${scryptBlockSizeMost} and p of ${scryptLanesMost}`,
    )
  }
  return { ok: true, hash: { scheme: 'scrypt', cost, blockSize, lanes, ...ends } }
}

function readPbkdf2(phc: string): Reading {
  const [, digest, rounds, tagLength, saltText, tagText] = pbkdf2Form.exec(phc) ?? []
  const iterations = decimal(rounds)
  const ends = readEnds(saltText, tagText)
  const told = tagLength === undefined || decimal(tagLength) === ends?.tag.length
  if (iterations === undefined || ends === undefined || !told || (digest !== 'sha256' && digest !== 'sha512')) {
    return refuse('malformed', 'must be $pbkdf2-sha256$i=..$salt$tag, with 4 to 64 bytes of salt and 16 to 64 of tag')
  }
  const blocks = Math.ceil(ends.tag.length / (digest === 'sha256' ? 32 : 64))
  if (iterations * blocks > pbkdf2RoundsMost) {
    return refuse('too_costly', `must take at most ${pbkdf2RoundsMost} rounds for the whole tag`)
  }
  return { ok: true, hash: { scheme: 'pbkdf2', digest, iterations, ...ends } }
}

function readEnds(saltText = '', tagText = ''): { salt: Buffer; tag: Buffer } | undefined {
  const salt = readBase64(saltText, saltBytes)
  const tag = readBase64(tagText, tagBytes)
  return salt === undefined || tag === undefined ? undefined : { salt, tag }
}

/** Base64 in its one spelling: without padding and without bits left over. */
function readBase64(text: string, bounds: { least: number; most: number }): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  const same = bytes.toString('base64').replaceAll('=', '') === text
  return same && bytes.length >= bounds.least && bytes.length <= bounds.most ? bytes : undefined
}

/** A whole number from 1, without leading zeros. */
function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d*$/.test(text) ? Number(text) : undefined
}

function refuse(why: ImportedHashRefusal['why'], detail: string): ImportedHashRefusal {
  return { ok: false, why, detail }
}
