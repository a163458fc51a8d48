import {
  type Clock,
  type EndpointId,
  type EpochMs,
  endpointOfPin,
  HoldfastError,
  isSessionKey,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import { type Config, type ListenerConfig, lifetimeOf, type PoolConfig } from '@holdfast/shared/config';
import type { SessionStore } from '@holdfast/store';
import type { Affinity, Resolution } from '../affinity/affinity.ts';
import { candidatesBeside } from '../affinity/candidates-beside.ts';
import { type Decision, decide, type Knowledge, type Vouched } from '../affinity/decide.ts';
import { EndpointTags } from '../affinity/endpoint-tags.ts';
import type { Identity, KeySource } from '../affinity/key-source.ts';
import { standingOf } from '../affinity/standing.ts';
import { vouchedBy } from '../affinity/vouched-by.ts';
import { rendezvous } from '../balance/rendezvous.ts';
import { RequestHeadParser, rejectionRule } from '../codec/index.ts';
import { canonicalAddress } from '../exchange/peer.ts';
import type { Pool } from '../pool/pool.ts';
import { addressOf } from '../proxy-protocol/address.ts';
import { RouteTable } from '../route/route-table.ts';
import { type Answer, failed, refused, told, unknownPool } from './answer.ts';
import type { ExplainedKey, Explanation } from './api.ts';
import { iso } from './iso.ts';
import type { QuestionOf } from './question.ts';
import { malformedKey, unknownSession } from './session-operations.ts';
import { why } from './why.ts';

export interface ExplainerParts {
  readonly sessions: SessionStore;
  readonly current: { readonly config: Config };
  readonly pools: {
    find(name: string): { readonly pool: Pool; readonly affinity: Affinity } | undefined;
  };
  readonly clock: Clock;
}

/** A key of the request, what is known of it, and what would be decided if nothing else were. */
interface Examined {
  readonly source: KeySource;
  readonly identity: Identity;
  readonly knowledge: Knowledge;
  readonly decision: Decision;
  readonly isKnown: boolean;
}

/** Says of a request where it would go and why, by the decisions that requests meet, and changes nothing. */
export class Explainer {
  readonly #parts: ExplainerParts;

  constructor(parts: ExplainerParts) {
    this.#parts = parts;
  }

  async explain(asked: QuestionOf<'explain'>): Promise<Answer> {
    const head = readHead(asked);
    if (typeof head === 'string')
      return refused('DOWNSTREAM_BAD_REQUEST', `this is no valid request: ${head}`);
    const { config } = this.#parts.current;
    const listeners = config.listeners.filter(
      ({ protocol, name }) => protocol.startsWith('http') && (asked.listener ?? name) === name,
    );
    if (listeners.length === 0)
      return refused('DOWNSTREAM_NOT_FOUND', `no http listener "${asked.listener}" in the configuration`);
    for (const listener of listeners) {
      const route = routesOf(listener).find(head.host, head.path);
      const pool = config.pools.find(({ name }) => name === route?.target);
      const served = route && this.#parts.pools.find(route.target);
      if (route === undefined || pool === undefined || served === undefined) continue;
      const place = { listener: listener.name, route: route.name, pool: pool.name };
      const claim = served.affinity.claimOf(head, canonicalAddress(addressOf(asked.clientAddress)));
      const examined: Examined[] = [];
      for (const { source, tokens } of claim.findings)
        for (const token of tokens) examined.push(...(await this.#examine(source, token, served.pool, pool)));
      const followed = served.affinity.followLabel?.(claim, this.#parts.clock.now());
      const label = claim.label?.finding?.source;
      const concluded = conclusion(examined, served.pool);
      return told({ ...place, label, ...concluded, ...(followed && labelled(followed)) });
    }
    return refused(
      'DOWNSTREAM_NOT_FOUND',
      `no route of ${nameAll(listeners)} matches ${head.host}${head.path}`,
    );
  }

  /** Goes by the session map alone: what clients bring that knows better, a cookie, is not known here. */
  async explainSession({ key }: QuestionOf<'explain-session'>): Promise<Answer> {
    if (!isSessionKey(key)) return malformedKey(key);
    try {
      const pin = await this.#parts.sessions.find(key, this.#parts.clock.now());
      if (pin === undefined) return unknownSession(key);
      const [poolName = ''] = pin.endpoint.split('/', 1);
      const served = this.#parts.pools.find(poolName);
      const pool = this.#parts.current.config.pools.find(({ name }) => name === poolName);
      if (served === undefined || pool === undefined) return unknownPool(poolName);
      const knowledge: Knowledge = { kind: 'pinned', pin };
      const decision = decideBy(knowledge, undefined, served.pool, pool);
      const endpoint = endpointOf(decision, key, served.pool);
      const standing = standingOf(served.pool, pin).kind;
      const said = { key, pool: poolName, pinnedTo: endpointOfPin(pin.endpoint), standing };
      return told({ ...said, decision: decision.kind, endpoint, why: why(decision, 'key', endpoint) });
    } catch (error) {
      return failed(error);
    }
  }

  async #examine(
    source: KeySource,
    token: string,
    pool: Pool,
    config: PoolConfig,
  ): Promise<readonly Examined[]> {
    const nowMs = this.#parts.clock.now();
    const identity = source.open(token, nowMs);
    if (identity === undefined) return [];
    const knowledge = await this.#known(identity, nowMs);
    const lifetime = lifetimeOf(config.affinity);
    const { voucher } = identity;
    const vouched = voucher && vouchedBy(voucher, lifetime, new EndpointTags(pool), nowMs);
    const decision = decideBy(knowledge, vouched, pool, config);
    const isKnown = knowledge.kind !== 'unpinned' || vouched !== undefined;
    return [{ source, identity, knowledge, decision, isKnown }];
  }

  async #known({ key, otherKeys }: Identity, nowMs: EpochMs): Promise<Knowledge> {
    try {
      for (const each of [key, ...otherKeys]) {
        const pin = await this.#parts.sessions.find(each, nowMs);
        if (pin !== undefined) return { kind: 'pinned', pin };
      }
      return { kind: 'unpinned' };
    } catch (error) {
      if (HoldfastError.from(error).source !== 'store') throw error;
      return { kind: 'store-unavailable', pin: undefined };
    }
  }
}

/** What this node would decide at the moment. */
const decideBy = (
  knowledge: Knowledge,
  vouched: Vouched | undefined,
  pool: Pool,
  { affinity }: PoolConfig,
): Decision =>
  decide({
    knowledge,
    vouched,
    standingOf: (pin) => standingOf(pool, pin),
    anyUsable: pool.usable.length > 0,
    onEndpointDown: affinity.onEndpointDown,
  });

/** The head as the codec reads it; or what is wrong with it. */
function readHead({ method, target, headers }: QuestionOf<'explain'>): RequestHeadParser | string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  const head = new RequestHeadParser();
  const state = head.feed(bytes, 0, bytes.length);
  if (state === 'complete' && head.next === bytes.length) return head;
  return head.rejection === undefined ? 'it ends too early, or too late' : rejectionRule(head.rejection);
}

const routesOf = ({ routes }: ListenerConfig): RouteTable<string> =>
  new RouteTable(routes, ({ pool }) => pool);

const nameAll = (listeners: readonly ListenerConfig[]): string =>
  listeners.map(({ name }) => `listener "${name}"`).join(', ');

/** A label that is followed counts before all keys. */
const labelled = ({ endpoint, source }: Resolution): Pick<Explanation, 'decision' | 'endpoint' | 'why'> =>
  endpoint === undefined
    ? {
        decision: 'refuse',
        endpoint: undefined,
        why: `the endpoint that its ${source} names is down, and no other is asked`,
      }
    : {
        decision: 'label',
        endpoint: endpoint.id,
        why: `its ${source} names ${endpoint.id}, whatever its keys say`,
      };

/** The first key that is known counts; else the first that begins a session. */
function conclusion(
  examined: readonly Examined[],
  pool: Pool,
): Pick<Explanation, 'keys' | 'decision' | 'endpoint' | 'why'> {
  const named = { keys: examined.map((each) => describe(each, pool)) };
  const counting =
    examined.find(({ isKnown }) => isKnown) ?? examined.find(({ source }) => source.beginsSessions);
  if (counting === undefined)
    return { ...named, decision: 'none', why: why(undefined, undefined, undefined) };
  const { decision, source, identity } = counting;
  const endpoint = endpointOf(decision, identity.key, pool);
  return {
    ...named,
    decision: decision.kind,
    ...(endpoint !== undefined && { endpoint }),
    why: why(decision, source.name, endpoint),
  };
}

/** Where the decision leads, as far as it is not for the balance policy to say. */
function endpointOf(decision: Decision, key: SessionKey, pool: Pool): EndpointId | undefined {
  switch (decision.kind) {
    case 'keep':
    case 'arrive':
    case 'adopt':
      return endpointOfPin(decision.pin.endpoint);
    case 'repin': {
      const { root, endpoint } = decision.from;
      return rendezvous(root ?? key, candidatesBeside(pool, endpoint))?.id;
    }
    case 'fallback': {
      const { pin, from } = decision;
      return pin === undefined
        ? rendezvous(key, candidatesBeside(pool, from))?.id
        : endpointOfPin(pin.endpoint);
    }
    default:
      return undefined;
  }
}

function describe({ source, identity, knowledge, decision, isKnown }: Examined, pool: Pool): ExplainedKey {
  const pin = pinOf(knowledge, decision);
  return {
    source: source.name,
    key: identity.key,
    known: knowledge.kind === 'unpinned' ? (isKnown ? 'cookie' : 'no') : KNOWN_BY[knowledge.kind],
    ...(pin && {
      endpoint: endpointOfPin(pin.endpoint),
      standing: standingOf(pool, pin).kind,
      ...timesOf(pin),
    }),
  };
}

const KNOWN_BY = { pinned: 'store', 'store-unavailable': 'store-unavailable' } as const;

const pinOf = (knowledge: Knowledge, decision: Decision): Pin | undefined =>
  knowledge.kind === 'pinned' ? knowledge.pin : decision.kind === 'adopt' ? decision.pin : undefined;

const timesOf = ({ version, pinnedAtMs, expiresAtMs, endsAtMs }: Pin) => ({
  version,
  pinnedAt: iso(pinnedAtMs),
  expiresAt: iso(expiresAtMs),
  endsAt: iso(endsAtMs),
});
