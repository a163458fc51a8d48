import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import {
  type ClusterName,
  type EndpointId,
  type PoolName,
  type Random,
  type SessionKey,
  sessionKey,
} from '@holdfast/shared';
import type { EndpointTag, Voucher } from './voucher.ts';

/**
 * The sealed cookie: AES-256-GCM over a fixed 36 bytes, in base64url.
 *
 *   key id 1 | nonce 12 | sealed ( session id 16 | endpoint tag 8 | version 4 | started 4 | issued 4 ) | tag 16
 *
 * 65 bytes, 87 characters. Times are seconds since the epoch. The associated data binds format, cluster, pool
 * and cookie name, so that a cookie of one pool is noise to every other. Neither a host nor the name of an
 * endpoint is in it, even sealed.
 */
const NONCE_BYTES = 12;
const BODY_BYTES = 36;
const TAG_BYTES = 16;
const SEALED_BYTES = 1 + NONCE_BYTES + BODY_BYTES + TAG_BYTES;
/** The length of every sealed cookie. */
export const SEALED_CHARACTERS = Math.ceil((SEALED_BYTES * 4) / 3);
const SESSION_KEY_BYTES = 16;
const COUNTER_MAX = 2 ** 32;

/** What a cookie of the proxy belongs to. */
export interface CookieScope {
  readonly cluster: ClusterName;
  readonly pool: PoolName;
  readonly cookieName: string;
}

/** What {@link CookieSeal.seal} seals: see {@link Voucher}. */
export type Sealable = Pick<Voucher, 'sessionId' | 'endpointTag' | 'version' | 'startedAtMs' | 'issuedAtMs'>;

interface SealingKey {
  readonly id: number;
  readonly key: Buffer;
}

/** Seals and opens the cookies of one scope. */
export class CookieSeal {
  readonly #keys: readonly SealingKey[];
  readonly #associatedData: Buffer;
  readonly #keyPrefix: string;
  readonly #random: Random;
  #noncePrefix: Buffer;
  #nonceCounter = 0;

  /** @param secrets newest first; the newest seals, all open */
  constructor(secrets: readonly string[], scope: CookieScope, random: Random) {
    this.#keys = secrets.map((secret) => deriveKey(secret));
    this.#associatedData = Buffer.from(JSON.stringify(['v1', scope.cluster, scope.pool, scope.cookieName]));
    this.#keyPrefix = `${scope.cluster}|${scope.pool}|cookie|`;
    this.#random = random;
    this.#noncePrefix = random.bytes(8);
  }

  seal(content: Sealable): string {
    const { id, key } = this.#keys[0] as SealingKey;
    const sealed = Buffer.allocUnsafe(SEALED_BYTES);
    sealed[0] = id;
    this.#writeNonce(sealed);
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(this.#associatedData);
    cipher.update(encode(content)).copy(sealed, 1 + NONCE_BYTES);
    cipher.final();
    cipher.getAuthTag().copy(sealed, SEALED_BYTES - TAG_BYTES);
    return sealed.toString('base64url');
  }

  /** What the cookie says; undefined if it is not one that this scope sealed, whatever is wrong with it. */
  open(text: string): Voucher | undefined {
    if (text.length !== SEALED_CHARACTERS) return undefined;
    const sealed = Buffer.from(text, 'base64url');
    // Two texts may decode to the same bytes; only the one that seal would have written is ours.
    if (sealed.length !== SEALED_BYTES || sealed.toString('base64url') !== text) return undefined;
    for (const [index, { id, key }] of this.#keys.entries()) {
      if (id !== sealed[0]) continue;
      const body = this.#decrypt(key, sealed);
      if (body !== undefined) return this.#decode(body, index === 0);
    }
    return undefined;
  }

  /**
   * The key of a session in the map. The id is 128 random bits that only this seal can make, so a plain digest
   * hides it, and the pins of sealed cookies survive every rotation of secrets.
   */
  keyOf(sessionId: Buffer): SessionKey {
    const digest = createHash('sha256').update(this.#keyPrefix).update(sessionId).digest();
    return sessionKey(digest.toString('base64url', 0, SESSION_KEY_BYTES));
  }

  #decrypt(key: Buffer, sealed: Buffer): Buffer | undefined {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES))
      .setAAD(this.#associatedData)
      .setAuthTag(sealed.subarray(SEALED_BYTES - TAG_BYTES));
    const body = decipher.update(sealed.subarray(1 + NONCE_BYTES, SEALED_BYTES - TAG_BYTES));
    try {
      decipher.final();
      return body;
    } catch {
      return undefined;
    }
  }

  #decode(body: Buffer, isCurrentKey: boolean): Voucher {
    const sessionId = Buffer.from(body.subarray(0, 16));
    return {
      key: this.keyOf(sessionId),
      sessionId,
      endpointTag: body.toString('latin1', 16, 24) as EndpointTag,
      version: body.readUInt32BE(24),
      startedAtMs: body.readUInt32BE(28) * 1000,
      issuedAtMs: body.readUInt32BE(32) * 1000,
      isCurrentKey,
    };
  }

  /**
   * A nonce must never repeat under one key. Eight random bytes name this process, four count its cookies: after
   * 2^32 of them it takes a new name. Twelve random bytes would be worn out after 2^32 cookies of all nodes.
   */
  #writeNonce(sealed: Buffer): void {
    if (this.#nonceCounter === COUNTER_MAX) {
      this.#noncePrefix = this.#random.bytes(8);
      this.#nonceCounter = 0;
    }
    this.#noncePrefix.copy(sealed, 1);
    sealed.writeUInt32BE(this.#nonceCounter, 9);
    this.#nonceCounter++;
  }
}

/** The tag of an endpoint within a cookie: 64 bits of a digest of its id. */
export const endpointTagOf = (id: EndpointId): EndpointTag =>
  createHash('sha256').update(`endpoint|${id}`).digest().toString('latin1', 0, 8) as EndpointTag;

function encode(content: Sealable): Buffer {
  const body = Buffer.allocUnsafe(BODY_BYTES);
  content.sessionId.copy(body, 0, 0, 16);
  body.write(content.endpointTag, 16, 8, 'latin1');
  body.writeUInt32BE(content.version, 24);
  body.writeUInt32BE(Math.floor(content.startedAtMs / 1000), 28);
  body.writeUInt32BE(Math.floor(content.issuedAtMs / 1000), 32);
  return body;
}

function deriveKey(secret: string): SealingKey {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'holdfast cookie seal v1', 32));
  const id = createHash('sha256').update('holdfast key id v1').update(key).digest()[0] as number;
  return { id, key };
}
