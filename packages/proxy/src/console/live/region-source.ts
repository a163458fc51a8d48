import type { Html } from '../page.ts';
import type { Sample, Sampler } from '../sample.ts';
import type { FeedMessage, FeedSource } from './feed-source.ts';

/** A part of a page, rendered once for all who look at it, and sent when it has become another. */
export class RegionSource implements FeedSource {
  readonly topics: readonly [string];
  readonly #render: (sample: Sample) => Html;
  readonly #sampler: Sampler;
  #html = '';

  constructor(topic: string, render: (sample: Sample) => Html, sampler: Sampler) {
    this.topics = [topic];
    this.#render = render;
    this.#sampler = sampler;
  }

  async look(tell: (news: FeedMessage) => void): Promise<void> {
    const html = String(await this.#render(await this.#sampler.take()));
    if (html === this.#html) return;
    this.#html = html;
    for (const message of this.all()) tell(message);
  }

  all(): readonly FeedMessage[] {
    return [{ topic: this.topics[0], data: { html: this.#html } }];
  }
}
