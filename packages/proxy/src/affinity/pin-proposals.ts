import {
  type EndpointId,
  type EpochMs,
  HoldfastError,
  idleDeadline,
  type Lifetime,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import { rendezvous } from '../balance/rendezvous.ts';
import type { Newcomer } from '../balance/selector.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { candidatesBeside } from './candidates-beside.ts';
import type { Vouched } from './decide.ts';
import type { WritingDecision } from './journey.ts';

/** A session that begins, and what a balance policy may go by. */
export type NewSession = Newcomer & { readonly sessionKey: SessionKey };

/** A decision that leaves open what the pin is. */
type OpenDecision = Exclude<WritingDecision, { kind: 'adopt' }>;

/** Says which pin a session is to have. Writes nothing. */
export class PinProposals {
  readonly #pool: Pool;
  readonly #lifetime: Lifetime;

  constructor(pool: Pool, lifetime: Lifetime) {
    this.#pool = pool;
    this.#lifetime = lifetime;
  }

  /** The pin that a decision asks for. */
  propose(session: NewSession, decision: OpenDecision, vouched: Vouched | undefined, nowMs: EpochMs): Pin {
    if (decision.kind === 'arrive') return this.#arrived(decision.pin, nowMs);
    const from = decision.kind === 'repin' ? decision.from : undefined;
    const endpoint = this.#placeFor(session, decision, from, vouched);
    if (endpoint === undefined)
      throw new HoldfastError('INTERNAL', `no endpoint to choose in pool "${this.#pool.name}"`);
    const version = decision.kind === 'repin' ? decision.from.version + 1 : decision.version;
    return this.atEndpoint(endpoint, version, from, vouched, nowMs);
  }

  /**
   * The pin of a session that comes to an endpoint now.
   *
   * @param before where it was, as far as is known: the session is the same, and ends when it would have ended
   */
  atEndpoint(
    endpoint: Endpoint,
    version: number,
    before: Pin | undefined,
    vouched: Vouched | undefined,
    nowMs: EpochMs,
  ): Pin {
    const endsAtMs = before?.endsAtMs ?? endOf(vouched) ?? nowMs + this.#lifetime.absoluteTimeoutMs;
    const expiresAtMs = idleDeadline(this.#lifetime, endsAtMs, nowMs);
    const pin = { endpoint: endpoint.pinId, version, pinnedAtMs: nowMs, expiresAtMs, endsAtMs };
    return before?.root === undefined ? pin : { ...pin, root: before.root };
  }

  /** The pin of a session whose endpoint is told of it with this request. */
  #arrived({ arrival: _, ...pin }: Pin, nowMs: EpochMs): Pin {
    const expiresAtMs = idleDeadline(this.#lifetime, pin.endsAtMs, nowMs);
    return { ...pin, version: pin.version + 1, expiresAtMs };
  }

  /**
   * A new session goes where the balance policy says. A session that has lost its endpoint, or whose cookie names one that
   * is not known any more, goes where every node computes the same: nodes that move it at one moment then agree even while
   * the store cannot tell them so, and it stays where it has been served meanwhile.
   */
  #placeFor(
    session: NewSession,
    decision: OpenDecision,
    from: Pin | undefined,
    vouched: Vouched | undefined,
  ): Endpoint | undefined {
    const isNew = from === undefined && vouched === undefined;
    if (isNew) return this.#pool.select(session);
    return rendezvous(from?.root ?? session.sessionKey, this.#placesBeside(from?.endpoint, decision));
  }

  /** A session that does not wait for its endpoint is not to wait for another one. */
  #placesBeside(lost: EndpointId | undefined, decision: OpenDecision): readonly Endpoint[] {
    const others = candidatesBeside(this.#pool, lost);
    if (decision.kind !== 'repin' || decision.reason !== 'endpoint-busy') return others;
    const withRoom = others.filter(({ hasRoom }) => hasRoom);
    return withRoom.length > 0 ? withRoom : others;
  }
}

/** When the session ends in any case, as its cookie says. */
const endOf = (vouched: Vouched | undefined): EpochMs | undefined =>
  vouched?.kind === 'known' ? vouched.pin.endsAtMs : vouched?.endsAtMs;
