/** How many attempts may be under way at once, so that slow receivers hold up neither each other nor the mails. */
export interface LaneLimits {
  /** In all. */
  readonly most: number
  /** To one endpoint. */
  readonly endpointMost: number
  /** To one endpoint that is slow at this moment. */
  readonly slowMost: number
  /** An attempt that has been under way for so long makes its endpoint slow. */
  readonly slowMs: number
}

/** Keeps count of what is under way in this process. */
export interface Lanes {
  /** Whether a further attempt may begin, beside `planned` ones to this endpoint and `plannedAll` in all. */
  hasRoom(endpointId: string, planned: number, plannedAll: number): boolean
  /** Runs an attempt and counts it while it is under way. */
  run<T>(endpointId: string, attempt: () => Promise<T>): Promise<T>
}

/** Makes lanes. Time comes from `monotonicMs`. */
export function createLanes(limits: LaneLimits, monotonicMs: () => number): Lanes {
  /** When each attempt began, oldest first. */
  const underWay = new Map<string, Set<{ readonly beganMs: number }>>()
  let all = 0

  function mostOf(lane: ReadonlySet<{ readonly beganMs: number }> | undefined): number {
    const [oldest] = lane ?? []
    const slow = oldest !== undefined && monotonicMs() - oldest.beganMs > limits.slowMs
    return slow ? limits.slowMost : limits.endpointMost
  }

  return {
    hasRoom(endpointId, planned, plannedAll) {
      const lane = underWay.get(endpointId)
      return (lane?.size ?? 0) + planned < mostOf(lane) && all + plannedAll < limits.most
    },
    async run(endpointId, attempt) {
      const lane = underWay.get(endpointId) ?? new Set()
      underWay.set(endpointId, lane)
      const place = { beganMs: monotonicMs() }
      lane.add(place)
      all += 1
      try {
        return await attempt()
      } finally {
        all -= 1
        lane.delete(place)
        if (lane.size === 0) underWay.delete(endpointId)
      }
    },
  }
}
