/** What a topic has to tell; `data` goes out as JSON. */
export interface FeedMessage {
  readonly topic: string;
  readonly data: unknown;
}

/** Something that pages keep up with. It is looked at while somebody watches one of its topics, and not otherwise. */
export interface FeedSource {
  readonly topics: readonly string[];
  /**
   * Looks how things are now, and tells what is new since it looked last.
   *
   * @throws HoldfastError where there was no answer; everything stays as it was
   */
  look(tell: (news: FeedMessage) => void): Promise<void>;
  /** All that somebody has to know who begins to watch, as of the last look. */
  all(): readonly FeedMessage[];
}
