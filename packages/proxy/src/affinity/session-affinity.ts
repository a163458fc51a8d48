import {
  type AffinitySource,
  type EpochMs,
  endpointOfPin,
  type MoveReason,
  type Pin,
} from '@holdfast/shared';
import type { NearCache } from '@holdfast/store';
import type { FieldSection, RequestHeadParser } from '../codec/index.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { AddressHash } from './address-hash.ts';
import type { Affinity, Learner, Resolution } from './affinity.ts';
import { balanced } from './balanced.ts';
import { type Claim, type Finding, NO_FINDINGS } from './claim.ts';
import type { CompanionCookie } from './companion-cookie.ts';
import type { Knowledge } from './decide.ts';
import type { Identity, KeySource } from './key-source.ts';
import { NO_COOKIES } from './own-cookie.ts';
import { isGuess, type Placed } from './placed.ts';
import {
  type CookieCaching,
  exceptNamed,
  NO_RESPONSE_COOKIES,
  type ResponseCookies,
} from './response-cookies.ts';
import type { SealedCookieSource } from './sealed-cookie-source.ts';
import { aliasOf, type SessionKeys } from './session-keys.ts';
import type { SessionResolver } from './session-resolver.ts';
import type { SessionTouches } from './session-touches.ts';
import type { Voucher } from './voucher.ts';

export interface SessionAffinityOptions {
  readonly pool: Pool;
  /** In the order in which they count. */
  readonly sources: readonly KeySource[];
  /** The one of the sources that gives a cookie to clients who bring nothing. */
  readonly sealedCookie: SealedCookieSource | undefined;
  /** The one of the sources that follows a cookie of the application. There is one of the two at most. */
  readonly companion: CompanionCookie | undefined;
  /** What caches are told of a response with a cookie of ours. */
  readonly cacheControl: CookieCaching | undefined;
  /** Where requests go that no source has anything to say of. Undefined: where the balance policy says. */
  readonly addressHash: AddressHash | undefined;
  readonly learner: Learner | undefined;
  /** Whether a session whose endpoint has no room is asked for anew instead of waiting there. */
  readonly leavesBusy: boolean;
  readonly resolver: SessionResolver;
  readonly keys: SessionKeys;
  readonly near: NearCache;
  readonly touches: SessionTouches;
}

/** A session as one source has found it. */
interface Named {
  readonly source: KeySource;
  readonly identity: Identity;
}

/** Sessions by any number of sources: the first that names a session which is known counts. */
export class SessionAffinity implements Affinity {
  readonly learner: Learner | undefined;
  readonly #options: SessionAffinityOptions;
  readonly #sources: readonly KeySource[];
  /** Of a response that needs no cookie of ours. */
  readonly #noCookies: ResponseCookies;

  constructor(options: SessionAffinityOptions) {
    this.learner = options.learner;
    this.#options = options;
    this.#sources = options.sources;
    const cookieNames = (options.sealedCookie ?? options.companion)?.cookieNames;
    this.#noCookies =
      cookieNames === undefined
        ? NO_RESPONSE_COOKIES
        : { ...NO_RESPONSE_COOKIES, ofEndpoint: exceptNamed(cookieNames) };
  }

  claimOf(request: RequestHeadParser, clientAddress: string): Claim {
    let findings: Finding[] | undefined;
    let cookieLines: string | undefined;
    for (const source of this.#sources) {
      const finding = source.find(request, clientAddress);
      if (finding === undefined) continue;
      cookieLines ??= finding.cookieLines;
      if (findings === undefined) findings = [finding];
      else findings.push(finding);
    }
    return { findings: findings ?? NO_FINDINGS, cookieLines, clientAddress };
  }

  resolveNear(claim: Claim, nowMs: EpochMs): Resolution | undefined {
    for (const { source, tokens } of claim.findings) {
      for (let index = 0; index < tokens.length; index++) {
        const identity = source.open(tokens[index] as string, nowMs);
        if (identity !== undefined) return this.#near(source, identity, nowMs);
      }
    }
    return this.#options.sealedCookie === undefined ? this.#withoutSession(claim) : undefined;
  }

  async resolve(claim: Claim, nowMs: EpochMs): Promise<Resolution> {
    const { resolver } = this.#options;
    const unknown: Named[] = [];
    let guess: Resolution | undefined;
    for (const named of namedBy(claim, nowMs)) {
      const { source, identity } = named;
      const resolved = await resolver.resolve(identity, claim.clientAddress, nowMs);
      if (resolved.kind === 'forgotten') {
        if (source.beginsSessions) unknown.push(named);
        continue;
      }
      const resolution = this.#resolution(source.name, resolved, identity.voucher, nowMs);
      if (!isGuess(resolved)) return this.#joined(resolution, unknown, nowMs);
      guess ??= resolution;
    }
    return guess ?? this.#begin(claim, unknown, nowMs);
  }

  async failover(claim: Claim, failed: Resolution, reason: MoveReason, nowMs: EpochMs): Promise<Resolution> {
    const { session, endpoint, source } = failed;
    if (session === undefined) return this.#withoutSession(claim, endpoint);
    if (endpoint === undefined) return failed;
    const knowledge = knownOf(failed);
    const resolved = await this.#options.resolver.failover(session, endpoint, reason, nowMs, knowledge);
    return this.#resolution(source, resolved, session.voucher, nowMs, session.sessionId);
  }

  responseCookies(
    _claim: Claim,
    resolution: Resolution,
    fields: FieldSection,
    isSecure: boolean,
    nowMs: EpochMs,
  ): ResponseCookies {
    const { sealedCookie, companion, cacheControl } = this.#options;
    const setCookies =
      sealedCookie?.setCookies(resolution, isSecure, nowMs) ??
      companion?.setCookies(resolution, fields, nowMs) ??
      NO_COOKIES;
    if (setCookies.length === 0) return this.#noCookies;
    return { ofEndpoint: this.#noCookies.ofEndpoint, setCookies, cacheControl };
  }

  keepAlive({ session }: Resolution, nowMs: EpochMs): void {
    if (session?.pin !== undefined) this.#options.touches.keepByOld(session.key, session.pin, nowMs);
  }

  #near({ name }: KeySource, { key, voucher }: Identity, nowMs: EpochMs): Resolution | undefined {
    const { near, pool, touches, leavesBusy } = this.#options;
    const entry = near.get(key, nowMs);
    if (entry === undefined || (voucher !== undefined && entry.pin.version < voucher.version))
      return undefined;
    const { pin } = entry;
    const endpoint = pool.pinnedTo(pin.endpoint);
    if (endpoint === undefined || !keepsServing(endpoint, pin)) return undefined;
    if (leavesBusy && !endpoint.hasRoom) return undefined;
    touches.keep(key, pin, nowMs);
    return {
      endpoint,
      refusal: undefined,
      outcome: 'hit',
      source: name,
      tier: 'near',
      reason: undefined,
      session: { key, sessionId: voucher?.sessionId, pin, voucher },
      movedFrom: undefined,
    };
  }

  /** No token names a session that is known: the first that a client has made up begins one, else our cookie does. */
  async #begin(claim: Claim, [first, ...others]: readonly Named[], nowMs: EpochMs): Promise<Resolution> {
    const { resolver, sealedCookie } = this.#options;
    const { clientAddress } = claim;
    if (first !== undefined) {
      const sessionKey = first.identity.key;
      const placed = await resolver.begin({ sessionKey, clientAddress }, nowMs);
      const begun = this.#resolution(first.source.name, placed, undefined, nowMs);
      return this.#joined(begun, others, nowMs);
    }
    if (sealedCookie === undefined) return this.#withoutSession(claim, undefined);
    const { key: sessionKey, sessionId } = sealedCookie.begin();
    const placed = await resolver.begin({ sessionKey, clientAddress }, nowMs);
    return this.#resolution(sealedCookie.name, placed, undefined, nowMs, sessionId);
  }

  /** Makes aliases of the session of the keys that the client has made up besides. */
  async #joined(resolution: Resolution, unknown: readonly Named[], nowMs: EpochMs): Promise<Resolution> {
    const { session } = resolution;
    const pin = session?.pin;
    if (session === undefined || pin === undefined || unknown.length === 0) return resolution;
    const alias = aliasOf(session.key, pin);
    const given = unknown.map(({ identity }) => this.#options.keys.give(identity.key, alias, nowMs));
    await Promise.all(given);
    return resolution;
  }

  #withoutSession(claim: Claim, failed?: Endpoint): Resolution {
    const { pool, addressHash } = this.#options;
    if (addressHash === undefined) return balanced(pool.select(claim, failed));
    return balanced(addressHash(claim.clientAddress, failed), 'source-ip', 'hash');
  }

  #resolution(
    source: AffinitySource,
    placed: Placed,
    voucher: Voucher | undefined,
    nowMs: EpochMs,
    sessionId: Buffer | undefined = voucher?.sessionId,
  ): Resolution {
    const { key, pin, endpoint, refusal, outcome, tier, reason, keptAt } = placed;
    const movedFrom = placed.movedFrom && endpointOfPin(placed.movedFrom);
    if (placed.confirmed && pin !== undefined) this.#options.touches.keep(key, pin, nowMs);
    const session = { key, sessionId, pin, voucher };
    return { endpoint, refusal, outcome, source, tier, reason, session, movedFrom, keptAt };
  }
}

/** What is known of the session of a request that has failed: a pin that this node only assumes is nothing to compare by. */
function knownOf({ session, outcome, tier }: Resolution): Knowledge {
  const pin = session?.pin;
  const isAssumed = outcome === 'fallback' && tier !== 'store';
  return pin === undefined || isAssumed ? { kind: 'store-unavailable', pin } : { kind: 'pinned', pin };
}

/** Whether there is nothing to decide: the endpoint serves, or it drains and the session came before that. */
const keepsServing = (endpoint: Endpoint, { pinnedAtMs }: Pin): boolean => {
  const { standing } = endpoint;
  return standing === 'serving' || (standing === 'draining' && pinnedAtMs < endpoint.staysBeforeMs);
};

/** Every token of the request that one of the sources can open, in order. */
function* namedBy({ findings }: Claim, nowMs: EpochMs): Generator<Named> {
  for (const { source, tokens } of findings) {
    for (const token of tokens) {
      const identity = source.open(token, nowMs);
      if (identity !== undefined) yield { source, identity };
    }
  }
}
