import { type Clock, HoldfastError, sleep } from '@holdfast/shared';
import type { FeedMessage, FeedSource } from './feed-source.ts';
import { Watcher } from './watcher.ts';

const LOOK_INTERVAL_MS = 1_000;
/** More pages than people of one node have open. */
const WATCHERS_MAX = 64;
/** A page comes back after that, and whoever is logged out by then is not let in. */
const WATCH_LASTS_MS = 10 * 60_000;
/** What stands between here and a page may take silence for an end. */
const SIGN_OF_LIFE_EVERY_MS = 15_000;
const SIGN_OF_LIFE = ': still here\n\n';
/** How soon a page comes back that has lost the feed (HTML standard, section 9.2.6). */
const GREETING = 'retry: 2000\n\n';
/** Told to everybody when there was no answer to something. */
export const TROUBLE = 'trouble';

/**
 * What pages of the console keep up with, as server-sent events. However many watch, everything is looked at once a second and
 * rendered once, and only what somebody watches; while nobody does, nothing is done at all.
 */
export class LiveFeed {
  readonly #sources: readonly FeedSource[];
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  /** How many watch, with those who are still being welcomed. */
  #guests = 0;
  #isLooking = false;

  constructor(sources: readonly FeedSource[], clock: Clock) {
    this.#sources = sources;
    this.#clock = clock;
  }

  get topics(): readonly string[] {
    return [...this.#sources.flatMap(({ topics }) => topics), TROUBLE];
  }

  /** Undefined where too many watch already. */
  watch(topics: ReadonlySet<string>): Watcher | undefined {
    if (this.#guests >= WATCHERS_MAX) return undefined;
    this.#guests += 1;
    const watcher = new Watcher(topics, WATCH_LASTS_MS, this.#clock);
    void watcher.over.then(() => {
      this.#guests -= 1;
      this.#watchers.delete(watcher);
    });
    watcher.offer(GREETING);
    void this.#welcome(watcher);
    return watcher;
  }

  /** Tells it everything as of now, from which it goes on with the others. */
  async #welcome(watcher: Watcher): Promise<void> {
    const wanted = this.#sources.filter((source) => isWatchedBy(source, watcher));
    const cold = wanted.filter((source) => !this.#isWatched(source));
    await Promise.all(cold.map((source) => this.#look(source, [watcher])));
    if (watcher.isOver) return;
    for (const message of wanted.flatMap((source) => source.all())) tell(watcher, message);
    this.#watchers.add(watcher);
    if (!this.#isLooking) void this.#keepLooking();
  }

  async #keepLooking(): Promise<void> {
    this.#isLooking = true;
    while (this.#watchers.size > 0) {
      await sleep(this.#clock, LOOK_INTERVAL_MS);
      const watched = this.#sources.filter((source) => this.#isWatched(source));
      await Promise.all(watched.map((source) => this.#look(source, this.#watchers)));
      for (const watcher of this.#watchers) attend(watcher);
    }
    this.#isLooking = false;
  }

  async #look(source: FeedSource, watchers: Iterable<Watcher>): Promise<void> {
    try {
      await source.look((news) => tellAll(this.#watchers, news));
    } catch (error) {
      const { message } = HoldfastError.from(error);
      tellAll(watchers, { topic: TROUBLE, data: { message } });
    }
  }

  #isWatched(source: FeedSource): boolean {
    return [...this.#watchers].some((watcher) => isWatchedBy(source, watcher));
  }
}

const isWatchedBy = ({ topics }: FeedSource, watcher: Watcher): boolean =>
  topics.some((topic) => watcher.topics.has(topic));

/** The text is made once, and kept once however many wait for it. */
function tellAll(watchers: Iterable<Watcher>, message: FeedMessage): void {
  const text = textOf(message);
  for (const watcher of watchers) if (watcher.topics.has(message.topic)) watcher.offer(text);
}

const tell = (watcher: Watcher, message: FeedMessage): void => tellAll([watcher], message);

/** JSON has no line feeds, so that it is one line of an event. */
const textOf = ({ topic, data }: FeedMessage): string => `event: ${topic}\ndata: ${JSON.stringify(data)}\n\n`;

/** Shows a watcher that is told nothing that the feed is alive, and ends one that has to come back. */
function attend(watcher: Watcher): void {
  if (watcher.isDue) watcher.end();
  else if (watcher.silentMs >= SIGN_OF_LIFE_EVERY_MS) watcher.offer(SIGN_OF_LIFE);
}
