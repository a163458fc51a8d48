import type { Agent } from 'node:http';
import { STICKY_COOKIE } from '../contenders/contender.ts';
import { type Answer, askOnce } from '../load/ask.ts';
import { cookieHeader } from '../load/browser-request.ts';
import type { Origin } from '../machine/origin.ts';

/** How one proxy of a pair is reached: over connections that are kept. */
export interface Way {
  readonly origin: Origin;
  readonly agent: Agent;
}

/** A browser with a session: every request has the cookie that the last answer with one has set. */
export class Visitor {
  readonly #session: number;
  readonly #ways: readonly Way[];
  #stickyCookie: string | undefined;

  /** `session` is what its application's cookies are made of; `ways` are taken in turn. */
  constructor(session: number, ways: readonly Way[]) {
    this.#session = session;
    this.#ways = ways;
  }

  /** Another client with the same cookies, which learns nothing of what this one is told from now on. */
  twin(): Visitor {
    const twin = new Visitor(this.#session, this.#ways);
    twin.#stickyCookie = this.#stickyCookie;
    return twin;
  }

  /** Asks so many times, each time through the next proxy and after the last answer. */
  async askInTurn(count: number): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    for (let number = 0; number < count; number++) answers.push(await this.#ask(number));
    return answers;
  }

  /** Asks so many times at once, evenly through all proxies, with the cookie that it has now. */
  askAtOnce(count: number): Promise<readonly Answer[]> {
    return Promise.all(Array.from({ length: count }, (_, number) => this.#ask(number)));
  }

  async #ask(number: number): Promise<Answer> {
    const { origin, agent } = this.#ways[number % this.#ways.length]!;
    const answer = await askOnce(origin, agent, cookieHeader(this.#session, this.#stickyCookie));
    for (const setCookie of answer.setCookies) this.#keep(setCookie);
    return answer;
  }

  #keep(setCookie: string): void {
    const [cookie] = setCookie.split(';', 1);
    if (cookie?.startsWith(`${STICKY_COOKIE}=`)) this.#stickyCookie = cookie;
  }
}
