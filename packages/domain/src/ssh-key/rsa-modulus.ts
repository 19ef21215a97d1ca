/** Primes below this are tried as factors: a true modulus has two primes of half its length. */
const trialLimit = 65_536
/** Steps of Fermat's method. Primes that it finds in so few share about half of their leading bits. */
const fermatSteps = 100

const primes = sieve(trialLimit)
/** Products of neighbouring primes that a double holds exactly: one long division serves several primes. */
const primeGroups = group(primes)

/** The odd primes by which the ROCA fault shows: its primes are powers of 65537 modulo each of them. */
const rocaPrimes = primes.filter((prime) => prime > 2 && prime <= 167)
const rocaProduct = rocaPrimes.reduce((product, prime) => product * BigInt(prime), 1n)
const rocaPowers = rocaPrimes.map((prime) => ({ prime: BigInt(prime), powers: powersOf(65_537 % prime, prime) }))

/** Whether a prime below 65,536, 2 among them, divides the modulus. */
export function hasSmallFactor(modulus: bigint): boolean {
  return primeGroups.some(({ product, members }) => {
    const rest = Number(modulus % product)
    return members.some((prime) => rest % prime === 0)
  })
}

/**
 * Whether Fermat's method takes the odd modulus apart in 100 steps: its two primes are equal or lie too close together.
 * Source: FIPS 186-5 appendix A.1.3 (which demands a distance), CVE-2022-26320 (keys that had none).
 */
export function hasClosePrimes(modulus: bigint): boolean {
  let middle = squareRoot(modulus)
  if (middle * middle < modulus) middle += 1n
  let distance = middle * middle - modulus
  for (let step = 0; step < fermatSteps; step += 1) {
    if (isSquare(distance)) return true
    distance += 2n * middle + 1n
    middle += 1n
  }
  return false
}

/**
 * Whether the modulus carries the mark of the ROCA fault of Infineon chips (some YubiKeys, smart cards and TPMs): it is a power
 * of 65537 modulo every prime up to 167. A sound modulus does so once in 2^27 or less.
 * Source: CVE-2017-15361; Nemec and others, "The Return of Coppersmith's Attack", ACM CCS 2017, section 4.
 */
export function hasRocaMark(modulus: bigint): boolean {
  const rest = modulus % rocaProduct
  return rocaPowers.every(({ prime, powers }) => powers.has(Number(rest % prime)))
}

/** The whole part of the square root (Newton's method from above). */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(value.toString(16).length * 2)
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

function isSquare(value: bigint): boolean {
  // Of the rests modulo 64 only twelve are squares: most numbers go no further.
  const low = Number(BigInt.asUintN(6, value))
  if (!squaresModulo64.has(low)) return false
  const root = squareRoot(value)
  return root * root === value
}

const squaresModulo64 = new Set(Array.from({ length: 64 }, (_, root) => (root * root) % 64))

function sieve(limit: number): readonly number[] {
  const composite = new Uint8Array(limit)
  const found: number[] = []
  for (let candidate = 2; candidate < limit; candidate += 1) {
    if (composite[candidate] === 1) continue
    found.push(candidate)
    for (let multiple = candidate * candidate; multiple < limit; multiple += candidate) composite[multiple] = 1
  }
  return found
}

function group(members: readonly number[]): readonly { product: bigint; members: readonly number[] }[] {
  const groups: { product: number; members: number[] }[] = []
  for (const prime of members) {
    const last = groups.at(-1)
    if (last !== undefined && Number.isSafeInteger(last.product * prime)) {
      last.product *= prime
      last.members.push(prime)
    } else groups.push({ product: prime, members: [prime] })
  }
  return groups.map(({ product, members }) => ({ product: BigInt(product), members }))
}

function powersOf(base: number, modulus: number): ReadonlySet<number> {
  const powers = new Set<number>()
  for (let power = 1; !powers.has(power); power = (power * base) % modulus) powers.add(power)
  return powers
}
