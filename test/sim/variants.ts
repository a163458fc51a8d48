import { endpointOfPin, type SessionKey } from '@holdfast/shared';
import type { InvalidationListener, SessionStore, Store } from '@holdfast/store';
import type { SessionMap } from '@holdfast/store/memory';
import type { Endpoint } from '../../packages/proxy/src/pool/endpoint.ts';
import type { Pool } from '../../packages/proxy/src/pool/pool.ts';
import type { Invariant } from '../support/history/history.ts';
import type { FaultName } from './faults.ts';
import type { SimSettings } from './sim-settings.ts';
import { FORGERS_SECRET } from './sim-world.ts';
import type { NodeContext, Variant } from './variant.ts';
import { withProgressDenied } from './variant-upstream.ts';

/** A cluster with a defect, and how it is to be found out. */
export interface BrokenVariant {
  readonly name: string;
  readonly variant: Variant;
  /** The faults in which it shows. Default: whichever there are. */
  readonly faults?: readonly FaultName[];
  /** The clusters in which it shows. Default: whichever there are. */
  readonly settings?: Partial<SimSettings>;
  /** The promises that it breaks. */
  readonly breaks: readonly Invariant[];
}

const withSessions = (store: Store, sessions: Partial<SessionStore>): Store => ({
  ...store,
  sessions: { ...store.sessions, ...sessions },
});

/** Writes without looking at what is there. */
const withoutCompare = (store: Store, map: SessionMap): Store =>
  withSessions(store, {
    async pin(key, pin, nowMs) {
      map.set(key, pin, nowMs);
      return { kind: 'pinned', pin };
    },
    async repin(key, _expectedVersion, pin, nowMs) {
      map.set(key, pin, nowMs);
      map.announce(key, pin.version);
      return { kind: 'repinned', pin };
    },
  });

/** A touch writes the whole pin as the toucher knows it, however old that is. */
const withBlindTouches = (store: Store, map: SessionMap): Store =>
  withSessions(store, {
    async touch(touches, nowMs) {
      for (const { key, endpoint, version, expiresAtMs } of touches) {
        const pin = map.get(key, nowMs);
        if (pin !== undefined) map.set(key, { ...pin, endpoint, version, expiresAtMs }, nowMs);
      }
      return touches.map(() => ({ kind: 'touched' }));
    },
  });

/** A move keeps the version that it saw. */
const withOneVersion = (store: Store): Store =>
  withSessions(store, {
    repin: (key, expectedVersion, pin, nowMs) =>
      store.sessions.repin(key, expectedVersion, { ...pin, version: expectedVersion }, nowMs),
  });

/** A session goes back as soon as the endpoint that it has left serves again. */
function withReturn(store: Store, { pool }: NodeContext): Store {
  const { sessions } = store;
  const homes = new Map<SessionKey, Endpoint>();
  return withSessions(store, {
    async repin(key, expectedVersion, pin, nowMs) {
      const before = await sessions.find(key, nowMs);
      const home = before && pool.find(endpointOfPin(before.endpoint));
      if (home !== undefined && !homes.has(key)) homes.set(key, home);
      return sessions.repin(key, expectedVersion, pin, nowMs);
    },
    async find(key, nowMs) {
      const pin = await sessions.find(key, nowMs);
      const home = homes.get(key);
      if (pin === undefined || home?.standing !== 'serving' || home.pinId === pin.endpoint) return pin;
      const back = { ...pin, endpoint: home.pinId, version: pin.version + 1 };
      return (await sessions.repin(key, pin.version, back, nowMs)).pin;
    },
  });
}

/** The near cache keeps what it has when the news comes back. */
const withoutFlush = (store: Store): Store => ({
  ...store,
  invalidations: {
    isLive: () => store.invalidations.isLive(),
    subscribe: (listener) => store.invalidations.subscribe(deafToGaps(listener)),
  },
});

const deafToGaps = (listener: InvalidationListener): InvalidationListener => ({
  sessionChanged: (key, version) => listener.sessionChanged(key, version),
  changesMissed: () => {},
});

/** Nobody hears of drains. */
const withoutDrains = (store: Store): Store => ({
  ...store,
  drains: { ...store.drains, list: async () => [] },
});

/** A pool whose candidates are others than they are. */
const withCandidates = (pool: Pool, change: (candidates: readonly Endpoint[]) => readonly Endpoint[]): Pool =>
  new Proxy(pool, {
    get(target, name) {
      if (name === 'candidates') return change(target.candidates);
      if (name === 'candidatesWithout')
        return (endpoint: Endpoint) => change(target.candidatesWithout(endpoint));
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** Each node takes whichever candidate it likes. */
const withLocalChoice = ({ pool, dice }: NodeContext): Pool =>
  withCandidates(pool, (candidates) => (candidates.length === 0 ? [] : [dice.pick(candidates)]));

/** Every other node counts its candidates from the other end. */
function withOtherOrder({ pool, number }: NodeContext): Pool {
  if (number % 2 === 0) return pool;
  return withCandidates(pool, (candidates) => {
    const ids = candidates.map(({ id }) => id).reverse();
    return candidates.map((endpoint, index) => Object.create(endpoint, { id: { value: ids[index] } }));
  });
}

/** Sessions move, and some nodes hear of it late: more often than chance would have it. */
const STALE_NEWS: readonly FaultName[] = [
  'endpoint refusing',
  'endpoint refusing',
  'endpoint refusing',
  'news silent',
  'news silent',
  'news silent',
  'news late',
];

/** Who brings a cookie is safe from stale news. */
const MANY_KEYS: Partial<SimSettings> = { keyClients: 15, cookieClients: 0 };

/** Ten defects that a cluster of this kind can have: a checker that does not find them finds nothing. */
export const BROKEN_VARIANTS: readonly BrokenVariant[] = [
  {
    name: 'writes pins without comparing versions',
    variant: { redis: withoutCompare },
    breaks: ['I1', 'I2', 'I3', 'I7', 'I9'],
  },
  {
    name: 'moves sessions back when their endpoint returns',
    variant: { store: withReturn },
    breaks: ['I3'],
  },
  {
    name: 'keeps the near cache when the news comes back after a gap',
    variant: { store: withoutFlush },
    faults: [...STALE_NEWS, 'news broken'],
    settings: MANY_KEYS,
    breaks: ['I1', 'I7'],
  },
  {
    name: 'sends a POST a second time',
    variant: { upstream: withProgressDenied },
    faults: ['endpoint resetting', 'endpoint resetting'],
    breaks: ['I4'],
  },
  {
    name: 'chooses at random where all nodes should choose alike',
    variant: { pool: withLocalChoice },
    faults: ['redis frozen', 'redis down', 'endpoint refusing'],
    breaks: ['I8', 'I9'],
  },
  {
    name: 'touches pins that have been moved meanwhile',
    variant: { redis: withBlindTouches },
    faults: [...STALE_NEWS, 'redis slow'],
    settings: MANY_KEYS,
    breaks: ['I1', 'I2', 'I3', 'I7'],
  },
  {
    name: 'moves a session without another version',
    variant: { store: withOneVersion },
    breaks: ['I1', 'I7'],
  },
  {
    name: 'gives draining endpoints new sessions',
    variant: { store: withoutDrains },
    faults: ['drain', 'drain', 'drain'],
    breaks: ['I6'],
  },
  {
    name: 'believes cookies that others have made',
    variant: { secrets: (secrets) => [...secrets, FORGERS_SECRET] },
    breaks: ['C1'],
  },
  {
    name: 'has nodes that disagree on the order of endpoints',
    variant: { pool: withOtherOrder },
    faults: ['redis frozen', 'redis down', 'endpoint refusing'],
    breaks: ['I8', 'I9'],
  },
];
