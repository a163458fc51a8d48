import type { Endpoint } from '../pool/endpoint.ts';

/** A balance policy: where the next session, or the next request without a session, goes. */
export interface Selector {
  /** Takes over the candidates. Called when they change, not for a request. */
  use(candidates: readonly Endpoint[]): void;
  /**
   * The next endpoint, or undefined where there is no candidate.
   * @param except a candidate that is not wanted
   */
  select(except?: Endpoint): Endpoint | undefined;
}
