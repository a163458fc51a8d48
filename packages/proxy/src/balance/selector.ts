import type { SessionKey } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';

/** Who is to be placed: a session that is not pinned yet, or a request of a pool that keeps no sessions. */
export interface Newcomer {
  /** Undefined where no session is to be placed. */
  readonly sessionKey?: SessionKey | undefined;
  /** In canonical form, as far as trusted proxies tell; empty where it is not known. */
  readonly clientAddress: string;
}

/** A newcomer of whom nothing is known. */
export const STRANGER: Newcomer = { clientAddress: '' };

/** Whether an endpoint may be chosen at this moment; that is for the pool to say. */
export type Admits = (endpoint: Endpoint) => boolean;

/** A balance policy: where the next session, or the next request without a session, goes. */
export interface Selector {
  /** Takes over the candidates and their shares. Called when they change, not for a request. */
  use(candidates: readonly Endpoint[]): void;
  /** The endpoint for this newcomer among the candidates that are admitted, or undefined where there is none. */
  select(newcomer: Newcomer, admits: Admits): Endpoint | undefined;
}
