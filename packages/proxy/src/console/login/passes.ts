import { createHmac, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '@holdfast/shared';

/** How long a browser may look before it has to show the token again. */
export const PASS_LIFETIME_MS = 8 * 3_600_000;

/** So many passes that were given back are remembered; each needed a login. */
const RETURNED_MAX = 1_000;

const PASS = /^([0-9a-z]{1,12})-([0-9a-z]{1,12})-[\w-]{43}$/;

const KEY_BYTES = 32;
const deriveKey = promisify<string, string, number, Buffer>(scrypt);

/**
 * Passes: what a browser shows in place of the token. A pass is the instant of its end, a number of its own, and a seal of
 * both (HMAC with SHA-256) whose key is made of the token. So it does not hold the token, every node with that token takes it,
 * restarts do not end it, and another token does.
 */
export class Passes {
  readonly #token: () => string;
  readonly #clock: Clock;
  readonly #returned = new Set<string>();
  #key: { readonly token: string; readonly bytes: Promise<Buffer> } | undefined;
  #issued = 0;

  /** @param token the one of the moment */
  constructor(token: () => string, clock: Clock) {
    this.#token = token;
    this.#clock = clock;
  }

  async issue(): Promise<string> {
    const endsAtMs = this.#clock.now() + PASS_LIFETIME_MS;
    this.#issued += 1;
    return this.#sealed(`${endsAtMs.toString(36)}-${this.#issued.toString(36)}`);
  }

  async isGood(pass: string): Promise<boolean> {
    const [, endsAt = '', number = ''] = PASS.exec(pass) ?? [];
    const expected = Buffer.from(await this.#sealed(`${endsAt}-${number}`));
    const given = Buffer.from(pass);
    return (
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      this.#clock.now() < Number.parseInt(endsAt, 36) &&
      !this.#returned.has(pass)
    );
  }

  /** From now on the pass is no good here, whoever has a copy of it. */
  async giveBack(pass: string): Promise<void> {
    if (!(await this.isGood(pass))) return;
    this.#returned.add(pass);
    const [oldest] = this.#returned;
    if (this.#returned.size > RETURNED_MAX && oldest !== undefined) this.#returned.delete(oldest);
  }

  async #sealed(text: string): Promise<string> {
    const key = await this.#keyOf(this.#token());
    return `${text}-${createHmac('sha256', key).update(text).digest('base64url')}`;
  }

  /** It takes its time, so that somebody who has stolen a pass does not guess the token that it was made with. */
  #keyOf(token: string): Promise<Buffer> {
    if (this.#key?.token !== token)
      this.#key = { token, bytes: deriveKey(token, 'holdfast console pass', KEY_BYTES) };
    return this.#key.bytes;
  }
}
