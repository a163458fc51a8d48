import { HoldfastError } from '@holdfast/shared';
import type { Operations } from '../../admin/admin-app.ts';
import { eventPage } from '../../admin/api.ts';
import { Latest } from '../../record/latest.ts';
import { type EventLine, eventLines } from './event-words.ts';
import type { FeedMessage, FeedSource } from './feed-source.ts';

/** So many events has a page that was just opened. */
const LINES_MAX = 100;

/** What happens in the cluster. After a time in which nobody watched, it goes on where it has left off. */
export class EventsSource implements FeedSource {
  readonly topics = ['events'];
  readonly #ask: Operations['ask'];
  readonly #lines = new Latest<EventLine>(LINES_MAX);
  #cursor: string | undefined;

  constructor(ask: Operations['ask']) {
    this.#ask = ask;
  }

  async look(tell: (news: FeedMessage) => void): Promise<void> {
    const answer = await this.#ask({ kind: 'events', after: this.#cursor });
    if (answer.kind === 'refused') throw new HoldfastError(answer.code, answer.message);
    const { cursor, events } = eventPage.parse(answer.value);
    this.#cursor = cursor;
    const lines = eventLines(events);
    for (const line of lines) this.#lines.add(line);
    if (lines.length > 0) tell({ topic: 'events', data: { lines } });
  }

  all(): readonly FeedMessage[] {
    return [{ topic: 'events', data: { all: true, lines: this.#lines.all } }];
  }
}
