import type { ListenAddress } from '@holdfast/shared/config';
import type { EntranceSettings } from '../entrance/admission-rules.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { Refusal } from '../wire/refusal.ts';

/** What an http or https listener does with its clients. All of it may be replaced while it accepts. */
export interface ListenerSettings extends EntranceSettings {
  /** Takes over each request. */
  readonly handle: (exchange: Exchange) => void;
  /** Hears of requests that were refused before they could be handed over; answers with an id for each. */
  readonly refused: (refusal: Refusal, peer: Peer) => string;
}

/** A socket that accepts clients, and the routes behind it. */
export interface Listener {
  readonly name: string;
  /** Connections that are open now, with those that have not been admitted yet. */
  readonly openConnections: number;
  /** Starts to accept. Rejects if the address cannot be had. */
  open(): Promise<ListenAddress>;
  /** From now on every response asks its client to come back on another connection. Still accepts. */
  leave(): void;
  /**
   * Stops to accept and waits for what is in flight; at the deadline, in milliseconds from now, ends it.
   *
   * @param lingerMs how long connections without a request are kept, as one may be on its way. Default: half a second.
   *   May be called again with less.
   */
  close(deadlineMs: number, lingerMs?: number): Promise<void>;
  /** Ends every connection now. */
  abort(): void;
}

/** A listener whose clients send requests. */
export interface HttpListener extends Listener {
  /**
   * Goes by these settings from the next connection, and from the next request of those that are open. What the socket is
   * stays: its address, and whether a PROXY header or TLS comes before the first request.
   */
  reconfigure(settings: ListenerSettings): void;
}
