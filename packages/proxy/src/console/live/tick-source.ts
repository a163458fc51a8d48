import type { Clock } from '@holdfast/shared';
import type { FeedMessage, FeedSource } from './feed-source.ts';

/** Every look, for pages that ask again for what is theirs alone. */
export class TickSource implements FeedSource {
  readonly topics = ['tick'];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async look(tell: (news: FeedMessage) => void): Promise<void> {
    tell({ topic: 'tick', data: { atMs: this.#clock.now() } });
  }

  all(): readonly FeedMessage[] {
    return [];
  }
}
