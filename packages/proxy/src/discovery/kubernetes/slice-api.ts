/** The EndpointSlices of a Service at a moment. */
export interface SliceList {
  readonly items: readonly unknown[];
  /** From where changes can be followed. */
  readonly resourceVersion: string;
}

/** A change of one slice, or where in the order of changes we are. */
export interface SliceEvent {
  readonly type: string;
  readonly object: unknown;
}

/**
 * How a watch ended.
 *
 * - `over`: the connection is at its end, or has been silent; it goes on where it was
 * - `expired`: what has happened since cannot be told any more
 */
export type WatchEnd = 'over' | 'expired';

/** A watch that is connected. */
export interface SliceWatch {
  /** Rejects where it fails. */
  readonly ended: Promise<WatchEnd>;
  stop(): void;
}

/** The part of the Kubernetes API that discovery needs. */
export interface SliceApi {
  list(): Promise<SliceList>;
  /** Settles when connected. Rejects where the API cannot be reached, or refuses, for whatever reason. */
  watch(resourceVersion: string, hear: (event: SliceEvent) => void): Promise<SliceWatch>;
}
