import { countryCentres } from './country-centre.ts'

const earthRadiusKm = 6371
const centres = new Map(Object.entries(countryCentres))

/**
 * How far apart two countries are at least, in km: between their middles, less how far the land of each reaches. 0 for the
 * same country, for neighbours and near ones. `undefined` where one is not known.
 */
export function leastDistanceKm(from: string, to: string): number | undefined {
  const [a, b] = [centres.get(from), centres.get(to)]
  if (!a || !b) return undefined
  return from === to ? 0 : Math.max(0, betweenKm(a, b) - a[2] - b[2])
}

/** Along the great circle (haversine). */
function betweenKm([lat1, lon1]: readonly number[], [lat2, lon2]: readonly number[]): number {
  const [φ1, φ2, Δλ] = [radians(lat1), radians(lat2), radians((lon2 ?? 0) - (lon1 ?? 0))]
  const h = Math.sin((φ2 - φ1) / 2) ** 2 + Math.cos(φ1) * Math.cos(φ2) * Math.sin(Δλ / 2) ** 2
  return 2 * earthRadiusKm * Math.asin(Math.sqrt(h))
}

function radians(degrees: number | undefined): number {
  return ((degrees ?? 0) * Math.PI) / 180
}
