import type { ListenAddress } from '@holdfast/shared/config';

/** A socket that accepts clients, and the routes behind it. */
export interface Listener {
  readonly name: string;
  /** Connections that are open now, with those that have not been admitted yet. */
  readonly openConnections: number;
  /** Starts to accept. Rejects if the address cannot be had. */
  open(): Promise<ListenAddress>;
  /** From now on every response asks its client to come back on another connection. Still accepts. */
  leave(): void;
  /** Stops to accept and waits for what is in flight; at the deadline, in milliseconds from now, ends it. */
  close(deadlineMs: number): Promise<void>;
  /** Ends every connection now. */
  abort(): void;
}
