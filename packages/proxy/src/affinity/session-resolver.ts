import {
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
import { type NewSession, PinProposals } from './pin-proposals.ts';
import { asFollower, elsewhere, type Forgotten, type Placed, refused } from './placed.ts';
import { aliasOf } from './session-keys.ts';
import { standingOf, standingOrBusyOf } from './standing.ts';
import { UnconfirmedVisits } from './unconfirmed-visits.ts';
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
  /** Told of requests that have turned out to have been served elsewhere than where their session was. Default: nobody. */
  readonly strayed?: ((requests: number) => void) | undefined;
}

/**
 * Each write that loses to another node is followed by another decision on what that node wrote. Losing this
 * often in a row takes as many moves of one session within one request.
 */
const DECISIONS_MAX = 6;

/** Carries out decisions: asks the store, writes the pins that are proposed, and adopts what other nodes wrote first. */
export class SessionResolver {
  readonly #options: SessionResolverOptions;
  readonly #standingOf: (pin: Pin) => Standing;
  /** For the first decision on a session: where it has just been moved to, it waits. */
  readonly #standingAtFirst: (pin: Pin) => Standing;
  readonly #proposals: PinProposals;
  /** Resolutions under way: parallel requests of one session share one, and with it one question to the store. */
  readonly #underWay = new Map<string, Promise<Placed | Forgotten>>();
  readonly #visits = new UnconfirmedVisits();

  constructor(options: SessionResolverOptions) {
    this.#options = options;
    this.#proposals = new PinProposals(options.pool, options.lifetime);
    this.#standingOf = (pin) => standingOf(options.pool, pin);
    this.#standingAtFirst =
      options.onEndpointBusy === 'wait' ? this.#standingOf : (pin) => standingOrBusyOf(options.pool, pin);
  }

  /** The place of the session that a token names. */
  async resolve(identity: Identity, clientAddress: string, nowMs: EpochMs): Promise<Placed | Forgotten> {
    const flight = `${identity.key}${identity.voucher?.version}`;
    const underWay = this.#underWay.get(flight);
    if (underWay !== undefined) return this.#noted(asFollower(await underWay), nowMs);
    const resolving = this.#resolveAlone(identity, clientAddress, nowMs).finally(() =>
      this.#underWay.delete(flight),
    );
    this.#underWay.set(flight, resolving);
    return this.#noted(await resolving, nowMs);
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
    return { ...elsewhere(key, endpoint), reason, keptAt: failed.id };
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

  /** A request that goes where this process believes its session to be, without the word of the map, is remembered. */
  #noted(resolved: Placed | Forgotten, nowMs: EpochMs): Placed | Forgotten {
    if (resolved.kind === 'forgotten' || resolved.outcome !== 'fallback') return resolved;
    const { key, endpoint, reason, confirmed } = resolved;
    if (endpoint !== undefined && reason === undefined && !confirmed)
      this.#visits.add(key, endpoint.id, nowMs);
    return resolved;
  }

  /** Finds out whether requests went where the session was. A cookie of a later place says that the map is behind. */
  #settle({ key, voucher }: Identity, pin: Pin): void {
    if (this.#visits.count === 0) return;
    const requests = this.#visits.settle(key, pin);
    if (requests > 0 && (voucher?.version ?? 0) <= pin.version) this.#options.strayed?.(requests);
  }

  async #ask(identity: Identity, nowMs: EpochMs): Promise<Knowledge> {
    const { key, otherKeys } = identity;
    const { near, store } = this.#options;
    const mark = near.mark(key);
    try {
      const pin = (await store.find(key, nowMs)) ?? (await this.#carryOver(key, otherKeys, nowMs));
      if (pin === undefined) return { kind: 'unpinned' };
      this.#settle(identity, pin);
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
          const newcomer = { sessionKey: key, clientAddress };
          const proposed = this.#proposals.propose(newcomer, decision, vouched, nowMs);
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

  /** An endpoint to which nobody is pinned serves a session as long as no other does; what is pinned stays as it is. */
  #guest(key: SessionKey, endpoint: Endpoint, decision: WritingDecision): Placed {
    const guest = elsewhere(key, endpoint);
    return decision.kind === 'repin' ? { ...guest, ...moveOf(decision) } : guest;
  }

  #endpointOf(pin: Pin): Endpoint | undefined {
    return this.#options.pool.find(endpointOfPin(pin.endpoint));
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
    const { pin, cookieVersion } = decision;
    if (pin !== undefined) {
      const tier = knowledge.kind === 'store-unavailable' && knowledge.pin === pin ? 'near' : 'cookie';
      const { reason, movedFrom } = journey;
      if (tier === 'near') this.#remember(key, pin, nowMs);
      return { ...elsewhere(key, this.#endpointOf(pin) as Endpoint), tier, pin, reason, movedFrom };
    }
    const remembered = knowledge.kind === 'unpinned' ? undefined : knowledge.pin;
    const root = remembered?.root;
    const latest = remembered ?? (vouched?.kind === 'known' ? vouched.pin : undefined);
    const keptAt = latest && endpointOfPin(latest.endpoint);
    const { from: movedFrom, reason } = decision;
    const endpoint = rendezvous(root ?? key, candidatesBeside(this.#options.pool, movedFrom)) as Endpoint;
    if (decision.kept !== undefined)
      return {
        ...elsewhere(key, endpoint),
        tier: 'store',
        reason,
        pin: decision.kept,
        confirmed: true,
        keptAt,
      };
    if (cookieVersion === undefined || !endpoint.isSticky)
      return { ...elsewhere(key, endpoint), reason, movedFrom, keptAt };
    const assumed = this.#proposals.atEndpoint(endpoint, cookieVersion, remembered, vouched, nowMs);
    this.#options.near.assume(key, assumed);
    return { ...elsewhere(key, endpoint), reason, movedFrom, pin: assumed };
  }

  /** What a session without a cookie of ours goes by must outlast the outage: as touches would see to with a store. */
  #remember(key: SessionKey, pin: Pin, nowMs: EpochMs): void {
    const { lifetime, near } = this.#options;
    if (near.recall(key, nowMs) === pin && !isTouchDue(lifetime, pin, nowMs)) return;
    near.assume(key, { ...pin, expiresAtMs: idleDeadline(lifetime, pin.endsAtMs, nowMs) });
  }
}

const isReadOnly = (error: unknown): boolean => HoldfastError.from(error).code === 'STORE_READ_ONLY';

/** What is known when the store does not answer; any other failure is a fault of ours. */
function unavailable(error: unknown, pin: Pin | undefined): Knowledge {
  const failure = HoldfastError.from(error);
  if (failure.source !== 'store') throw failure;
  return { kind: 'store-unavailable', pin };
}
