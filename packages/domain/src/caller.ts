/** Who asks, as far as the door can tell. Personal data: goes into rows with a retention, never into logs or jobs. */
export interface Caller {
  /** The peer's network address, or what a trusted proxy says of it. */
  readonly ip: string | null
  /** As sent, cut to 512 bytes. */
  readonly userAgent: string | null
  readonly requestId: string
  /** W3C trace context. */
  readonly traceparent: string
}
