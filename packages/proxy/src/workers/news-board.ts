import type { EndpointNews } from './messages.ts';

/** What the workers of a node have found out about endpoints: the latest of each, for who comes later. */
export class NewsBoard {
  readonly #latest = new Map<string, EndpointNews>();

  /** Takes in what a worker tells. An endpoint that is no more is forgotten: its successor has a fresh start. */
  take(news: EndpointNews): void {
    const key = keyOf(news.endpoint, news.origin);
    if (news.verdict === undefined) this.#latest.delete(key);
    else this.#latest.set(key, news);
  }

  /** What is known of an endpoint; undefined if that is nothing. */
  of(endpoint: string, origin: string): EndpointNews['verdict'] {
    return this.#latest.get(keyOf(endpoint, origin))?.verdict;
  }

  all(): EndpointNews[] {
    return [...this.#latest.values()];
  }
}

const keyOf = (endpoint: string, origin: string): string => `${endpoint} ${origin}`;
