import type { EpochMs } from '@holdfast/shared';

/** By the names of the semantic conventions, and by ours, which begin with `holdfast.`. */
export type SpanAttributes = Record<string, string | number>;

/** What a span says of its work, wherever that belongs. */
export interface SpanContent {
  /**
   * Of what kind the work is, in the words of OpenTelemetry.
   *
   * - `server`: a client's request or connection, as the proxy served it
   * - `client`: what the proxy asked somebody else
   * - `internal`: what it did by itself
   */
  readonly kind: 'server' | 'client' | 'internal';
  readonly name: string;
  readonly attributes: SpanAttributes;
  /** Whether it has failed, as the semantic conventions see it. */
  readonly isError: boolean;
}

/** Which span it is, and of which trace. */
export interface SpanPlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The span above; undefined: the trace begins here. */
  readonly parentId: string | undefined;
  /** Whether the span above is somebody else's. */
  readonly isParentRemote: boolean;
  /** As in the trace context (`trace-context.ts`). */
  readonly flags: number;
  readonly state: string;
}

/** A piece of work within a trace, when it is over. */
export interface Span {
  readonly place: SpanPlace;
  readonly content: SpanContent;
  /** By the wall clock, with fractions of a millisecond. Of two moments the later one is never the earlier instant. */
  readonly startedAtMs: EpochMs;
  readonly endedAtMs: EpochMs;
}
