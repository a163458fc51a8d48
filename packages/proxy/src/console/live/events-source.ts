import { HoldfastError } from '@holdfast/shared';
import type { Operations } from '../../admin/admin-app.ts';
import { eventPage } from '../../admin/api.ts';
import { Latest } from '../../record/latest.ts';
import type { Sampler } from '../sample.ts';
import { type EventLine, eventLines, type Reload, reloadLine } from './event-words.ts';
import type { FeedMessage, FeedSource } from './feed-source.ts';

/** So many events has a page that was just opened. */
const LINES_MAX = 100;

/** What happens in the cluster, and the reloads of this node. After a time in which nobody watched, it goes on where it has left off. */
export class EventsSource implements FeedSource {
  readonly topics = ['events'];
  readonly #ask: Operations['ask'];
  readonly #lines = new Latest<EventLine>(LINES_MAX);
  readonly #sampler: Sampler;
  #cursor: string | undefined;
  /** When the configuration was reloaded last, as far as somebody has looked. */
  #reloadedAt: { readonly at: string | undefined } | undefined;

  constructor(ask: Operations['ask'], sampler: Sampler) {
    this.#ask = ask;
    this.#sampler = sampler;
  }

  async look(tell: (news: FeedMessage) => void): Promise<void> {
    const [answer, { report }] = await Promise.all([
      this.#ask({ kind: 'events', after: this.#cursor }),
      this.#sampler.take(),
    ]);
    if (answer.kind === 'refused') throw new HoldfastError(answer.code, answer.message);
    const { cursor, events } = eventPage.parse(answer.value);
    this.#cursor = cursor;
    const lines = [...eventLines(events), ...this.#reloads(report.configuration?.lastReload)];
    for (const line of lines) this.#lines.add(line);
    if (lines.length > 0) tell({ topic: 'events', data: { lines } });
  }

  #reloads(reload: Reload | undefined): readonly EventLine[] {
    const before = this.#reloadedAt;
    this.#reloadedAt = { at: reload?.at };
    return before === undefined || reload === undefined || reload.at === before.at
      ? []
      : [reloadLine(reload)];
  }

  all(): readonly FeedMessage[] {
    return [{ topic: 'events', data: { all: true, lines: this.#lines.all } }];
  }
}
