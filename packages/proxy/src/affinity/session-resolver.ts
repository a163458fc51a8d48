import {
  type EndpointId,
  type EpochMs,
  endpointOfPin,
  HoldfastError,
  idleDeadline,
  isTouchDue,
  type Lifetime,
  type MoveReason,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import type { NearCache, Repair, SessionStore } from '@holdfast/store';
import { rendezvous } from '../balance/rendezvous.ts';
import type { Newcomer } from '../balance/selector.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { ResolvedSession } from './affinity.ts';
import { candidatesBeside } from './candidates-beside.ts';
import { type Decision, decide, type Knowledge, type Standing, type Vouched } from './decide.ts';
import type { EndpointTags } from './endpoint-tags.ts';
import {
  followed,
  type Journey,
  moveOf,
  unwritten,
  versionBefore,
  type WritingDecision,
  written,
} from './journey.ts';
import type { Identity } from './key-source.ts';
import { asFollower, elsewhere, type Forgotten, type Placed, refused } from './placed.ts';
import { aliasOf } from './session-keys.ts';
import { standingOf, standingOrBusyOf } from './standing.ts';
import { vouchedBy, vouchedOrRemembered } from './vouched-by.ts';

export interface SessionResolverOptions {
  readonly pool: Pool;
  readonly tags: EndpointTags;
  readonly store: SessionStore;
  readonly near: NearCache;
  readonly repair: Pick<Repair, 'admits'>;
  readonly lifetime: Lifetime;
  readonly onEndpointDown: 'repin' | 'fail';
  readonly onEndpointBusy: 'wait' | 'repin';
  readonly onStoreUnavailable: 'degrade' | 'fail';
}

/**
 * Each write that loses to another node is followed by another decision on what that node wrote. Losing this
 * often in a row takes as many moves of one session within one request.
 */
const DECISIONS_MAX = 6;

/** A session that begins, and what a balance policy may go by. */
export type NewSession = Newcomer & { readonly sessionKey: SessionKey };

/** Carries out decisions: asks the store, selects endpoints, writes pins, and adopts what other nodes wrote first. */
export class SessionResolver {
  readonly #options: SessionResolverOptions;
  readonly #standingOf: (pin: Pin) => Standing;
  /** For the first decision on a session: where it has just been moved to, it waits. */
  readonly #standingAtFirst: (pin: Pin) => Standing;
  /** Resolutions under way: parallel requests of one session share one, and with it one question to the store. */
  readonly #underWay = new Map<string, Promise<Placed | Forgotten>>();

  constructor(options: SessionResolverOptions) {
    this.#options = options;
    this.#standingOf = (pin) => standingOf(options.pool, pin);
    this.#standingAtFirst =
      options.onEndpointBusy === 'wait' ? this.#standingOf : (pin) => standingOrBusyOf(options.pool, pin);
  }

  /** The place of the session that a token names. */
  async resolve(identity: Identity, clientAddress: string, nowMs: EpochMs): Promise<Placed | Forgotten> {
    const flight = `${identity.key}${identity.voucher?.version}`;
    const underWay = this.#underWay.get(flight);
    if (underWay !== undefined) return asFollower(await underWay);
    const resolving = this.#resolveAlone(identity, clientAddress, nowMs).finally(() =>
      this.#underWay.delete(flight),
    );
    this.#underWay.set(flight, resolving);
    return resolving;
  }

  /** A place for a session that begins with this request. */
  begin(newcomer: NewSession, nowMs: EpochMs): Promise<Placed> {
    return this.#place(newcomer.sessionKey, { kind: 'unpinned' }, undefined, nowMs, newcomer.clientAddress);
  }

  /** A place for a request that `failed` could not serve. Decides on the pin only if the endpoint may not serve by now. */
  async failover(
    session: ResolvedSession,
    failed: Endpoint,
    reason: MoveReason,
    nowMs: EpochMs,
    known: Knowledge,
  ): Promise<Placed> {
    const { pool, onEndpointDown } = this.#options;
    const { key, pin } = session;
    if (!failed.isUsable && pin !== undefined) {
      return this.#place(key, known, { kind: 'known', pin }, nowMs);
    }
    if (onEndpointDown === 'fail') return refused(key, 'endpoint-down');
    // Where the session will be moved if the endpoint turns out to be down: its client then sees one move, not two.
    const endpoint = rendezvous(pin?.root ?? key, pool.candidatesWithout(failed));
    if (endpoint === undefined) return refused(key, 'all-down');
    return { ...elsewhere(key, endpoint), reason };
  }

  async #resolveAlone(
    identity: Identity,
    clientAddress: string,
    nowMs: EpochMs,
  ): Promise<Placed | Forgotten> {
    const { key, voucher } = identity;
    const knowledge = await this.#ask(identity, nowMs);
    const { lifetime, near, tags } = this.#options;
    const ofCookie = voucher && vouchedBy(voucher, lifetime, tags, nowMs);
    const vouched =
      knowledge.kind === 'unpinned' ? vouchedOrRemembered(ofCookie, near.recall(key, nowMs)) : ofCookie;
    if (knowledge.kind === 'unpinned' && vouched === undefined) return { kind: 'forgotten' };
    return this.#place(key, knowledge, vouched, nowMs, clientAddress);
  }

  async #ask({ key, otherKeys }: Identity, nowMs: EpochMs): Promise<Knowledge> {
    const { near, store } = this.#options;
    const mark = near.mark(key);
    try {
      const pin = (await store.find(key, nowMs)) ?? (await this.#carryOver(key, otherKeys, nowMs));
      if (pin === undefined) return { kind: 'unpinned' };
      near.put(key, pin, nowMs, mark);
      return { kind: 'pinned', pin };
    } catch (error) {
      return unavailable(error, near.recall(key, nowMs));
    }
  }

  /** A session that is known under another secret of the cluster gets its key under the newest. */
  async #carryOver(
    key: SessionKey,
    otherKeys: readonly SessionKey[],
    nowMs: EpochMs,
  ): Promise<Pin | undefined> {
    const { store } = this.#options;
    for (const other of otherKeys) {
      const pin = await store.find(other, nowMs);
      if (pin !== undefined) return (await store.pin(key, aliasOf(other, pin), nowMs)).pin;
    }
    return undefined;
  }

  async #place(
    key: SessionKey,
    known: Knowledge,
    vouched: Vouched | undefined,
    nowMs: EpochMs,
    clientAddress = '',
  ): Promise<Placed> {
    const { pool, repair, onEndpointDown, onStoreUnavailable } = this.#options;
    const journey: Journey = {
      outcome: 'hit',
      tier: 'store',
      reason: undefined,
      movedFrom: undefined,
      confirmed: true,
    };
    let knowledge = known;
    let mayWait = true;
    for (let count = 0; count < DECISIONS_MAX; count++) {
      if (knowledge.kind === 'store-unavailable' && onStoreUnavailable === 'fail')
        return refused(key, 'store-unavailable');
      const anyUsable = pool.usable.length > 0;
      const decision = decide({
        knowledge,
        vouched,
        standingOf: count === 0 ? this.#standingAtFirst : this.#standingOf,
        anyUsable,
        onEndpointDown,
      });
      switch (decision.kind) {
        case 'keep':
          return this.#kept(key, decision.pin, journey);
        case 'refuse':
          return refused(key, decision.reason);
        case 'fallback':
          return this.#fallenBack(key, decision, journey, knowledge, vouched, nowMs);
        case 'adopt':
          if (mayWait && !repair.admits()) knowledge = this.#postponed(key, decision.pin, vouched, journey);
          else knowledge = await this.#write(key, decision, decision.pin, vouched, journey, nowMs);
          // A session that must move is written in any case, and what it moves from with it.
          mayWait = false;
          break;
        default: {
          const proposed = this.#propose({ sessionKey: key, clientAddress }, decision, vouched, nowMs);
          const endpoint = this.#endpointOf(proposed);
          const isNewPlace = decision.kind === 'pin' || decision.kind === 'repin';
          if (isNewPlace && endpoint?.isSticky === false) return this.#guest(key, endpoint, decision);
          knowledge = await this.#write(key, decision, proposed, vouched, journey, nowMs);
        }
      }
    }
    throw new HoldfastError('INTERNAL', `session still moving after ${DECISIONS_MAX} decisions`);
  }

  /** Leaves it to a later request to write back what the store has lost: this one goes on as if it were written. */
  #postponed(key: SessionKey, pin: Pin, vouched: Vouched | undefined, journey: Journey): Knowledge {
    this.#options.near.assume(key, pin);
    Object.assign(journey, unwritten(vouched));
    return { kind: 'pinned', pin };
  }

  /** Carries out a decision that writes; answers with what then stands, by this node's hand or another's. */
  async #write(
    key: SessionKey,
    decision: WritingDecision,
    proposed: Pin,
    vouched: Vouched | undefined,
    journey: Journey,
    nowMs: EpochMs,
  ): Promise<Knowledge> {
    const { near, store } = this.#options;
    const mark = near.mark(key);
    const expectedVersion = versionBefore(decision);
    try {
      const result =
        expectedVersion === 0
          ? await store.pin(key, proposed, nowMs)
          : await store.repin(key, expectedVersion, proposed, nowMs);
      near.put(key, result.pin, nowMs, mark);
      const isOurs = result.kind === 'pinned' || result.kind === 'repinned';
      Object.assign(journey, isOurs ? written(decision, vouched) : followed(decision));
      return { kind: 'pinned', pin: result.pin };
    } catch (error) {
      if (decision.kind === 'repin' || decision.kind === 'arrive') Object.assign(journey, moveOf(decision));
      // It has not taken place: a new session goes where every node computes, since nobody will be told where it went.
      if (decision.kind === 'pin' && isReadOnly(error)) return unavailable(error, undefined);
      // Whether it has taken place is not known. Serving where it would have put the session is right either way.
      return unavailable(error, proposed);
    }
  }

  /**
   * A new session goes where the balance policy says. A session that has lost its endpoint, or whose cookie names one that
   * is not known any more, goes where every node computes the same: nodes that move it at one moment then agree even while
   * the store cannot tell them so, and it stays where it has been served meanwhile.
   */
  #propose(
    session: NewSession,
    decision: Exclude<WritingDecision, { kind: 'adopt' }>,
    vouched: Vouched | undefined,
    nowMs: EpochMs,
  ): Pin {
    if (decision.kind === 'arrive') return this.#arrived(decision.pin, nowMs);
    const { lifetime, pool } = this.#options;
    const from = decision.kind === 'repin' ? decision.from : undefined;
    const isNew = from === undefined && vouched === undefined;
    const endpoint = isNew
      ? pool.select(session)
      : rendezvous(from?.root ?? session.sessionKey, this.#placesBeside(from?.endpoint, decision));
    if (endpoint === undefined)
      throw new HoldfastError('INTERNAL', `no endpoint to choose in pool "${pool.name}"`);
    const endsAtMs = from?.endsAtMs ?? endOf(vouched) ?? nowMs + lifetime.absoluteTimeoutMs;
    const version = decision.kind === 'repin' ? decision.from.version + 1 : decision.version;
    return this.#pinTo(endpoint, version, endsAtMs, from?.root, nowMs);
  }

  /** An endpoint to which nobody is pinned serves a session as long as no other does; what is pinned stays as it is. */
  #guest(key: SessionKey, endpoint: Endpoint, decision: WritingDecision): Placed {
    const guest = elsewhere(key, endpoint);
    return decision.kind === 'repin' ? { ...guest, ...moveOf(decision) } : guest;
  }

  #endpointOf(pin: Pin): Endpoint | undefined {
    return this.#options.pool.find(endpointOfPin(pin.endpoint));
  }

  /** A session that does not wait for its endpoint is not to wait for another one. */
  #placesBeside(lost: EndpointId | undefined, decision: WritingDecision): readonly Endpoint[] {
    const others = candidatesBeside(this.#options.pool, lost);
    if (decision.kind !== 'repin' || decision.reason !== 'endpoint-busy') return others;
    const withRoom = others.filter(({ hasRoom }) => hasRoom);
    return withRoom.length > 0 ? withRoom : others;
  }

  #kept(key: SessionKey, pin: Pin, journey: Journey): Placed {
    const endpoint = this.#endpointOf(pin);
    return { kind: 'placed', key, endpoint, refusal: undefined, ...journey, pin };
  }

  #fallenBack(
    key: SessionKey,
    decision: Decision & { kind: 'fallback' },
    journey: Journey,
    knowledge: Knowledge,
    vouched: Vouched | undefined,
    nowMs: EpochMs,
  ): Placed {
    const { lifetime } = this.#options;
    const { pin, cookieVersion } = decision;
    if (pin !== undefined) {
      const tier = knowledge.kind === 'store-unavailable' && knowledge.pin === pin ? 'near' : 'cookie';
      const { reason, movedFrom } = journey;
      if (tier === 'near') this.#remember(key, pin, nowMs);
      return { ...elsewhere(key, this.#endpointOf(pin) as Endpoint), tier, pin, reason, movedFrom };
    }
    const remembered = knowledge.kind === 'unpinned' ? undefined : knowledge.pin;
    const root = remembered?.root;
    const { from: movedFrom, reason } = decision;
    const endpoint = rendezvous(root ?? key, candidatesBeside(this.#options.pool, movedFrom)) as Endpoint;
    if (decision.kept !== undefined)
      return { ...elsewhere(key, endpoint), tier: 'store', reason, pin: decision.kept, confirmed: true };
    if (cookieVersion === undefined || !endpoint.isSticky)
      return { ...elsewhere(key, endpoint), reason, movedFrom };
    const endsAtMs = remembered?.endsAtMs ?? endOf(vouched) ?? nowMs + lifetime.absoluteTimeoutMs;
    const assumed = this.#pinTo(endpoint, cookieVersion, endsAtMs, root, nowMs);
    this.#options.near.assume(key, assumed);
    return { ...elsewhere(key, endpoint), reason, movedFrom, pin: assumed };
  }

  /** What a session without a cookie of ours goes by must outlast the outage: as touches would see to with a store. */
  #remember(key: SessionKey, pin: Pin, nowMs: EpochMs): void {
    const { lifetime, near } = this.#options;
    if (near.recall(key, nowMs) === pin && !isTouchDue(lifetime, pin, nowMs)) return;
    near.assume(key, { ...pin, expiresAtMs: idleDeadline(lifetime, pin.endsAtMs, nowMs) });
  }

  /** The pin of a session whose endpoint is told of it with this request. */
  #arrived({ arrival: _, ...pin }: Pin, nowMs: EpochMs): Pin {
    const expiresAtMs = idleDeadline(this.#options.lifetime, pin.endsAtMs, nowMs);
    return { ...pin, version: pin.version + 1, expiresAtMs };
  }

  /** The pin of a session that comes to an endpoint now. */
  #pinTo(
    endpoint: Endpoint,
    version: number,
    endsAtMs: EpochMs,
    root: SessionKey | undefined,
    nowMs: EpochMs,
  ): Pin {
    const expiresAtMs = idleDeadline(this.#options.lifetime, endsAtMs, nowMs);
    const pin = { endpoint: endpoint.pinId, version, pinnedAtMs: nowMs, expiresAtMs, endsAtMs };
    return root === undefined ? pin : { ...pin, root };
  }
}

/** When the session ends in any case, as its cookie says. */
const endOf = (vouched: Vouched | undefined): EpochMs | undefined =>
  vouched?.kind === 'known' ? vouched.pin.endsAtMs : vouched?.endsAtMs;

const isReadOnly = (error: unknown): boolean => HoldfastError.from(error).code === 'STORE_READ_ONLY';

/** What is known when the store does not answer; any other failure is a fault of ours. */
function unavailable(error: unknown, pin: Pin | undefined): Knowledge {
  const failure = HoldfastError.from(error);
  if (failure.source !== 'store') throw failure;
  return { kind: 'store-unavailable', pin };
}
