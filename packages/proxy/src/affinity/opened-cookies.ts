import { LRUCache } from 'lru-cache';
import type { Identity } from './key-source.ts';

interface Opened {
  readonly text: string;
  readonly identity: Identity;
}

/**
 * Cookies that were opened lately, so that a warm request costs no decryption.
 *
 * They are found by a number made of their last characters, which are as random as anything: a map of strings would
 * enter the text of each request's cookie into the engine's table of strings first. Of two cookies with one number the
 * later is remembered; the whole text decides whether a remembered one is meant.
 */
export class OpenedCookies {
  readonly #opened: LRUCache<number, Opened>;

  /** @param entriesMax the least recently used goes first */
  constructor(entriesMax: number) {
    this.#opened = new LRUCache({ max: Math.max(1, entriesMax) });
  }

  get(text: string): Identity | undefined {
    const opened = this.#opened.get(fingerprint(text));
    return opened !== undefined && opened.text === text ? opened.identity : undefined;
  }

  set(text: string, identity: Identity): Identity {
    // A copy, because a string cut from a head keeps the whole head in memory.
    const copy = Buffer.from(text, 'latin1').toString('latin1');
    this.#opened.set(fingerprint(text), { text: copy, identity });
    return identity;
  }
}

/** 30 bits of the five characters before the last, which is not wholly used. */
function fingerprint(text: string): number {
  const end = text.length - 1;
  let bits = 0;
  for (let index = end - 5; index < end; index++) bits = (bits << 6) ^ (text.charCodeAt(index) & 63);
  return bits;
}
