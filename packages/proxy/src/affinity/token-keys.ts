import { createHmac, hkdfSync } from 'node:crypto';
import { type ClusterName, type PoolName, type SessionKey, sessionKey } from '@holdfast/shared';
import { LRUCache } from 'lru-cache';
import type { Identity } from './key-source.ts';

/** What the keys of tokens belong to: equal tokens of two scopes are two sessions. */
export interface TokenScope {
  readonly cluster: ClusterName;
  readonly pool: PoolName;
  /** The kind of the source and the name that it looks for. */
  readonly source: string;
}

const TOKEN_LENGTH_MAX = 256;
const SESSION_KEY_BYTES = 16;

/**
 * The session keys of tokens that clients and applications make up: an HMAC-SHA-256 of the token and its scope, cut to
 * 128 bits. Such a token may be guessed or be somebody's address, so that only a keyed hash hides it from whoever reads
 * the session map.
 */
export class TokenKeys {
  readonly #secrets: readonly Buffer[];
  readonly #scope: TokenScope;
  readonly #known: LRUCache<string, Identity>;

  /**
   * @param secrets newest first; the newest makes the keys that are written, sessions are found by those of all
   * @param knownMax tokens that are remembered, so that a warm request costs no hash
   */
  constructor(secrets: readonly string[], scope: TokenScope, knownMax: number) {
    this.#secrets = secrets.map((secret) =>
      Buffer.from(hkdfSync('sha256', secret, '', 'holdfast session key v1', 32)),
    );
    this.#scope = scope;
    this.#known = new LRUCache({ max: Math.max(1, knownMax) });
  }

  /** What the token names; undefined where it is empty or longer than 256 characters. */
  identityOf(token: string): Identity | undefined {
    if (token === '' || token.length > TOKEN_LENGTH_MAX) return undefined;
    const known = this.#known.get(token);
    if (known !== undefined) return known;
    // A copy, because a string cut from a head keeps the whole head in memory.
    const copy = Buffer.from(token).toString();
    const [key, ...otherKeys] = this.#secrets.map((secret) => this.#keyUnder(secret, copy));
    const identity = { key: key as SessionKey, otherKeys, voucher: undefined };
    this.#known.set(copy, identity);
    return identity;
  }

  #keyUnder(secret: Buffer, token: string): SessionKey {
    const { cluster, pool, source } = this.#scope;
    const digest = createHmac('sha256', secret)
      .update(JSON.stringify([cluster, pool, source, token]))
      .digest();
    return sessionKey(digest.toString('base64url', 0, SESSION_KEY_BYTES));
  }
}
