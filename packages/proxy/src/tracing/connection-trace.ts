/** The trace of a connection or a flow that is sampled: one span. */
export interface ConnectionTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
}
