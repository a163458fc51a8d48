import type { Random } from '@holdfast/shared';
import type { Visit } from '../support/history/history.ts';
import type { ClientResponse, Sender } from '../support/http-client.ts';
import { pick } from '../support/seed.ts';
import { Visitor } from '../support/visitor.ts';
import { inParallel } from '../support/workers.ts';
import { instantMs } from './timeline.ts';

/** What clients have seen of a visit; which endpoints it has reached is for those to say. */
export type SeenVisit = Omit<Visit, 'reached'>;

const POST_SHARE = 0.3;
const WELCOMED_AT_ONCE = 32;
const OWN_ANSWER = /^code: ([A-Z_]+)$/m;

/**
 * Visitors with cookie jars who come again and again: GET or POST, each request with an id of its own and to a node at random.
 * A request that gets no answer is part of the record like any other.
 */
export class Crowd {
  readonly seen: SeenVisit[] = [];
  readonly #name: string;
  readonly #senders: readonly Sender[];
  readonly #random: Random;
  readonly #regulars: Visitor[] = [];
  /** The version for which the cookie in each jar was issued. */
  readonly #versions = new Map<Visitor, number | undefined>();
  #sent = 0;
  #come = 0;

  /** @param name tells the requests of one crowd from those of another */
  constructor(name: string, senders: readonly Sender[], random: Random) {
    this.#name = name;
    this.#senders = senders;
    this.#random = random;
  }

  get regulars(): readonly Visitor[] {
    return this.#regulars;
  }

  /** So many who come for the first time. */
  welcome(count: number): Promise<void> {
    return inParallel(Array(count).keys(), WELCOMED_AT_ONCE, () => this.newcomer());
  }

  /** Somebody who comes for the first time, and is a regular once the answer has been read. */
  async newcomer(): Promise<SeenVisit> {
    const visitor = new Visitor(`${this.#name}-${++this.#come}`);
    const visit = await this.visit(visitor);
    if (visitor.cookie !== undefined) this.#regulars.push(visitor);
    return visit;
  }

  /** One more request; by default of anybody who has been here before, to any node. */
  async visit(
    visitor: Visitor = pick(this.#random, this.#regulars),
    sender: Sender = pick(this.#random, this.#senders),
  ): Promise<SeenVisit> {
    const id = `${this.#name}/${++this.#sent}`;
    const method = this.#random.unit() < POST_SHARE ? 'POST' : 'GET';
    const request = { method, headers: { 'x-unique-id': id }, ...(method === 'POST' && { body: 'order' }) };
    const asked = {
      ...{ id, method, client: visitor.name, session: visitor.name, by: 'cookie' as const },
      beganAtMs: instantMs(),
      broughtVersion: this.#versions.get(visitor),
    };
    const answer = await visitor.visit(sender, request).catch(() => undefined);
    const visit: SeenVisit = {
      ...asked,
      endedAtMs: instantMs(),
      node: answer?.node ?? '',
      servedBy: answer?.servedBy,
      status: answer?.status,
      error: answer && ownCode(answer.response),
      outcome: answer?.outcome,
      version: answer?.version,
    };
    if (answer?.setsCookie) this.#versions.set(visitor, answer.version);
    this.seen.push(visit);
    return visit;
  }
}

/** The code of an answer of the proxy's own. */
const ownCode = ({ body, status }: ClientResponse): string | undefined =>
  status >= 400 ? OWN_ANSWER.exec(body)?.[1] : undefined;
