/** What reading an mpint may find wrong: bytes run short, a number below zero, or a first byte that is not needed. */
export type MpintFault = 'cut' | 'negative' | 'padded'

/** A number read from the wire, or why there is none. */
export type MpintRead =
  | { readonly ok: true; readonly value: bigint }
  | { readonly ok: false; readonly fault: MpintFault }

const uint32Most = 0xffff_ffff
const uint64Most = (1n << 64n) - 1n

/**
 * Reads the data types of the SSH wire format in order. Bounded: a length that says more than there is gives nothing, and
 * nothing is copied, so the cost is that of the bytes at hand. A reader that gave nothing once is at no known place: stop there.
 * Source: RFC 4251 section 5.
 */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Whether every byte was read. */
  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** An unsigned number of four bytes, or `undefined` where bytes run short. */
  uint32(): number | undefined {
    return this.#take(4)?.readUInt32BE()
  }

  /** An unsigned number of eight bytes, or `undefined` where bytes run short. */
  uint64(): bigint | undefined {
    return this.#take(8)?.readBigUInt64BE()
  }

  /** A length of four bytes and that many bytes (a view of the input), or `undefined` where bytes run short. */
  string(): Buffer | undefined {
    const length = this.uint32()
    return length === undefined ? undefined : this.#take(length)
  }

  /** A number of any size in its one valid spelling: not negative, and no leading zero byte that its sign does not need. */
  mpint(): MpintRead {
    const bytes = this.string()
    if (bytes === undefined) return { ok: false, fault: 'cut' }
    const [first, second] = bytes
    if (first === undefined) return { ok: true, value: 0n }
    if (first >= 0x80) return { ok: false, fault: 'negative' }
    if (first === 0 && (second === undefined || second < 0x80)) return { ok: false, fault: 'padded' }
    return { ok: true, value: BigInt(`0x${bytes.toString('hex')}`) }
  }

  #take(length: number): Buffer | undefined {
    if (length > this.#bytes.length - this.#at) return undefined
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}

/** An unsigned number as four bytes. Throws `RangeError` where it does not fit. Source: RFC 4251 section 5. */
export function wireUint32(value: number): Buffer {
  if (!Number.isInteger(value) || value < 0 || value > uint32Most) throw new RangeError('not an unsigned 32-bit number')
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** An unsigned number as eight bytes. Throws `RangeError` where it does not fit. Source: RFC 4251 section 5. */
export function wireUint64(value: bigint): Buffer {
  if (value < 0n || value > uint64Most) throw new RangeError('not an unsigned 64-bit number')
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

/** Bytes, or text as UTF-8, behind their length. Source: RFC 4251 section 5. */
export function wireString(content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content
  return Buffer.concat([wireUint32(bytes.length), bytes])
}

/** A number of any size, in the one spelling that `WireReader` takes. Throws `RangeError` below zero. */
export function wireMpint(value: bigint): Buffer {
  if (value < 0n) throw new RangeError('not a positive number')
  if (value === 0n) return wireUint32(0)
  const digits = value.toString(16)
  const hex = digits.length % 2 === 0 ? digits : `0${digits}`
  return wireString(Buffer.from(/^[89a-f]/.test(hex) ? `00${hex}` : hex, 'hex'))
}
