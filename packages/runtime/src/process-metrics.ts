import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Meter } from '@opentelemetry/api'

const resolutionMs = 10
const nanosecondsPerSecond = 1e9

/**
 * Adds what every process tells of itself: memory (resident set, heap used), delay of the event loop (median and 99th
 * percentile since the last reading) and uptime. Names follow the semantic conventions of OpenTelemetry.
 */
export function observeProcess(meter: Meter): void {
  const rss = meter.createObservableGauge('process.memory.usage', { unit: 'By', description: 'Resident memory' })
  const heap = meter.createObservableGauge('v8js.memory.heap.used', { unit: 'By', description: 'Heap in use' })
  const p50 = meter.createObservableGauge('nodejs.eventloop.delay.p50', {
    unit: 's',
    description: 'Median delay of the event loop',
  })
  const p99 = meter.createObservableGauge('nodejs.eventloop.delay.p99', {
    unit: 's',
    description: '99th percentile of the delay of the event loop',
  })
  const uptime = meter.createObservableGauge('process.uptime', {
    unit: 's',
    description: 'Time since the process started',
  })

  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  meter.addBatchObservableCallback(
    (result) => {
      const memory = process.memoryUsage()
      result.observe(rss, memory.rss)
      result.observe(heap, memory.heapUsed)
      result.observe(p50, delaySeconds(delay.percentile(50)))
      result.observe(p99, delaySeconds(delay.percentile(99)))
      result.observe(uptime, process.uptime())
      delay.reset()
    },
    [rss, heap, p50, p99, uptime],
  )
}

/** The monitor counts its own interval into what it measures. */
function delaySeconds(nanoseconds: number): number {
  return Math.max(0, nanoseconds / nanosecondsPerSecond - resolutionMs / 1000)
}
