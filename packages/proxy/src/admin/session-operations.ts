import {
  type Clock,
  type EndpointId,
  endpointOfPin,
  isSessionKey,
  type Logger,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import type { SessionInventory, SessionStore } from '@holdfast/store';
import { rendezvous } from '../balance/rendezvous.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import { sessionOf } from '../rebalance/known-sessions.ts';
import type { SessionMover } from '../rebalance/session-mover.ts';
import { type Answer, failed, type Refusal, refused, told } from './answer.ts';
import { iso } from './iso.ts';
import type { QuestionOf } from './question.ts';

export interface SessionOperationsParts {
  readonly sessions: SessionStore;
  readonly inventory: SessionInventory;
  readonly mover: SessionMover;
  readonly current: { readonly config: Config };
  readonly pools: { readonly all: readonly { readonly pool: Pool }[] };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Looks sessions up and moves them, by their keys: what names a session in a request is no matter of operators. */
export class SessionOperations {
  readonly #parts: SessionOperationsParts;

  constructor(parts: SessionOperationsParts) {
    this.#parts = parts;
  }

  async list({ endpoint, cursor, limit }: QuestionOf<'list-sessions'>): Promise<Answer> {
    const { inventory, clock } = this.#parts;
    const query = {
      limit,
      ...(endpoint !== undefined && { endpoint: endpoint as EndpointId }),
      ...(cursor !== undefined && { cursor }),
    };
    try {
      const { sessions, next } = await inventory.list(query, clock.now());
      return told({ sessions: sessions.map(({ key, pin }) => describe(key, pin)), next });
    } catch (error) {
      return failed(error);
    }
  }

  get({ key }: QuestionOf<'get-session'>): Promise<Answer> {
    return this.#withPin(key, async (known, pin) => told(describe(known, pin)));
  }

  /** To the endpoint that is named; else, as after a failure, to where every node would move it. All of its keys move. */
  move({ key, to, version }: QuestionOf<'move-session'>): Promise<Answer> {
    const { mover, log } = this.#parts;
    return this.#withPin(key, async (known, pin) => {
      const isAsSeen = (standing: Pin): boolean => version === undefined || standing.version === version;
      if (!isAsSeen(pin)) return overtaken(known);
      const endpoint = this.#placeFor(known, pin, to);
      if ('kind' in endpoint) return endpoint;
      const result = await mover.moveKey(known, pin, endpoint, 'operator', isAsSeen);
      if (result.kind === 'kept') return overtaken(known);
      if (result.kind === 'moved')
        log.info({ session_key: known, from: pin.endpoint, to: endpoint.id }, 'session moved by operator');
      await this.#moveOtherKeys(pin.root ?? known, endpoint);
      return told(describe(known, result.pin));
    });
  }

  /** Only by looking through the session map can it be known which keys a session has besides. */
  async #moveOtherKeys(root: SessionKey, to: Endpoint): Promise<void> {
    const { mover, current } = this.#parts;
    const pool = current.config.pools.find(({ name }) => isOf(name, to.id));
    const hasOneKey = pool?.affinity.sources.every(({ type }) => type === 'cookie') === true;
    if (hasOneKey) return;
    await mover.move(await sessionOf(this.#parts, root), to, 'operator', () => true);
  }

  unpin({ key, version }: QuestionOf<'unpin-session'>): Promise<Answer> {
    const { sessions, clock, log } = this.#parts;
    return this.#withPin(key, async (known, pin) => {
      if (version !== undefined && version !== pin.version) return overtaken(known);
      if (!(await sessions.unpin(known, version, clock.now()))) return overtaken(known);
      log.info({ session_key: known, from: pin.endpoint }, 'session forgotten by operator');
      return told(describe(known, pin));
    });
  }

  async #withPin(key: string, work: (known: SessionKey, pin: Pin) => Promise<Answer>): Promise<Answer> {
    if (!isSessionKey(key)) return malformedKey(key);
    try {
      const pin = await this.#parts.sessions.find(key, this.#parts.clock.now());
      return pin === undefined ? unknownSession(key) : await work(key, pin);
    } catch (error) {
      return failed(error);
    }
  }

  #placeFor(key: SessionKey, pin: Pin, to: string | undefined): Endpoint | Refusal {
    const from = endpointOfPin(pin.endpoint);
    const pool = this.#parts.pools.all.map((served) => served.pool).find(({ name }) => isOf(name, from));
    if (pool === undefined) return noPlace(`no pool of this node has "${from}"`);
    if (to === undefined) {
      const others = pool.candidates.filter(({ id }) => id !== from);
      return (
        rendezvous(pin.root ?? key, others) ?? noPlace(`pool "${pool.name}" has no other endpoint to move to`)
      );
    }
    const endpoint = pool.find(to as EndpointId);
    if (endpoint === undefined) return noPlace(`pool "${pool.name}" has no endpoint "${to}"`);
    if (endpoint.standing === 'serving') return endpoint;
    return noPlace(`endpoint "${to}" is ${endpoint.standing}, and would not keep the session`);
  }
}

const isOf = (pool: string, endpoint: string): boolean => endpoint.startsWith(`${pool}/`);

/** A session as operators see it. */
const describe = (key: SessionKey, pin: Pin) => ({
  key,
  endpoint: endpointOfPin(pin.endpoint),
  version: pin.version,
  pinnedAt: iso(pin.pinnedAtMs),
  expiresAt: iso(pin.expiresAtMs),
  endsAt: iso(pin.endsAtMs),
  root: pin.root,
});

const noPlace = (why: string): Refusal =>
  refused('DOWNSTREAM_BAD_REQUEST', `${why}: GET /endpoints lists who serves`);

export const malformedKey = (key: string): Answer =>
  refused(
    'DOWNSTREAM_BAD_REQUEST',
    `"${key.slice(0, 40)}" is no session key, which has 22 characters: POST /explain tells the key of a request`,
  );

export const unknownSession = (key: SessionKey): Answer =>
  refused('DOWNSTREAM_NOT_FOUND', `no session "${key}": it has ended, or never began`);

const overtaken = (key: SessionKey): Answer =>
  refused(
    'DOWNSTREAM_PRECONDITION_FAILED',
    `session "${key}" has been changed meanwhile: read it again, and decide again`,
  );
