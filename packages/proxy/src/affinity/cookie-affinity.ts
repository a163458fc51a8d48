import type { Clock, EpochMs, Lifetime, MoveReason, Pin, Random, SessionKey } from '@holdfast/shared';
import { idleDeadline, isTouchDue } from '@holdfast/shared';
import type { CookieAffinityConfig } from '@holdfast/shared/config';
import type { NearCache, SessionStore, TouchQueue } from '@holdfast/store';
import { FieldKind, type FieldSection } from '../codec/index.ts';
import type { Pool } from '../pool/pool.ts';
import type { Affinity, Resolution } from './affinity.ts';
import { cookieValues } from './cookie-header.ts';
import { type CookieSeal, endpointTagOf } from './cookie-seal.ts';
import { OpenedCookies } from './opened-cookies.ts';
import type { Placed } from './placed.ts';
import { SessionResolver } from './session-resolver.ts';
import { SetCookie } from './set-cookie.ts';
import { type EndpointTag, identifies, type Voucher } from './voucher.ts';

export interface CookieAffinityOptions {
  readonly config: CookieAffinityConfig;
  readonly pool: Pool;
  readonly seal: CookieSeal;
  readonly store: SessionStore;
  readonly near: NearCache;
  readonly touches: TouchQueue;
  readonly onStoreUnavailable: 'degrade' | 'fail';
  /** Opened cookies that are remembered, so that a warm request costs no decryption. */
  readonly openedMax: number;
  readonly clock: Clock;
  readonly random: Random;
}

const SESSION_ID_BYTES = 16;

/** Sessions by the proxy's own sealed cookie. */
export class CookieAffinity implements Affinity {
  readonly cookieName: string;
  readonly #options: CookieAffinityOptions;
  readonly #lifetime: Lifetime;
  readonly #setCookie: SetCookie;
  readonly #opened: OpenedCookies;
  readonly #tags: ReadonlyMap<string, EndpointTag>;
  readonly #resolver: SessionResolver;

  constructor(options: CookieAffinityOptions) {
    const { config, pool } = options;
    this.cookieName = config.name;
    this.#options = options;
    this.#lifetime = { idleTimeoutMs: config.idleTimeout, absoluteTimeoutMs: config.absoluteTimeout };
    this.#setCookie = new SetCookie(config);
    this.#opened = new OpenedCookies(options.openedMax);
    this.#tags = new Map(pool.endpoints.map(({ id }) => [id, endpointTagOf(id)]));
    this.#resolver = new SessionResolver({
      pool,
      store: options.store,
      near: options.near,
      lifetime: this.#lifetime,
      onEndpointDown: config.onEndpointDown,
      onStoreUnavailable: options.onStoreUnavailable,
    });
  }

  resolveNear(fields: FieldSection, nowMs: EpochMs): Resolution | undefined {
    const voucher = this.#voucherIn(fields, nowMs);
    if (voucher === undefined) return undefined;
    const entry = this.#options.near.get(voucher.key, nowMs);
    if (entry === undefined || entry.pin.version < voucher.version) return undefined;
    const { pin } = entry;
    const endpoint = this.#options.pool.find(pin.endpoint);
    if (endpoint === undefined || endpoint.standing !== 'serving') return undefined;
    if (isTouchDue(this.#lifetime, pin, nowMs)) this.#touch(voucher.key, pin, nowMs);
    return {
      endpoint,
      refusal: undefined,
      outcome: 'hit',
      source: 'cookie',
      tier: 'near',
      reason: undefined,
      session: { key: voucher.key, sessionId: voucher.sessionId, pin, voucher },
      movedFrom: undefined,
    };
  }

  async resolve(fields: FieldSection, nowMs: EpochMs): Promise<Resolution> {
    const voucher = this.#voucherIn(fields, nowMs);
    if (voucher !== undefined) {
      const resolved = await this.#resolver.resolve(voucher, nowMs);
      if (resolved.kind !== 'forgotten') return this.#resolution(resolved, voucher.sessionId, voucher, nowMs);
    }
    const sessionId = this.#options.random.bytes(SESSION_ID_BYTES);
    const resolved = await this.#resolver.begin(this.#options.seal.keyOf(sessionId), nowMs);
    return this.#resolution(resolved, sessionId, undefined, nowMs);
  }

  async failover(failed: Resolution, reason: MoveReason, nowMs: EpochMs): Promise<Resolution> {
    const { session, endpoint } = failed;
    if (session === undefined || endpoint === undefined) return failed;
    const resolved = await this.#resolver.failover(session, endpoint, reason, nowMs);
    return this.#resolution(resolved, session.sessionId, session.voucher, nowMs);
  }

  setCookie({ session }: Resolution, isSecure: boolean, nowMs: EpochMs): string | undefined {
    if (session?.pin === undefined) return undefined;
    const { pin, voucher, sessionId } = session;
    const endpointTag = this.#tags.get(pin.endpoint);
    if (endpointTag === undefined) return undefined;
    if (voucher !== undefined && this.#isUpToDate(voucher, pin, endpointTag, nowMs)) return undefined;
    const startedAtMs = pin.endsAtMs - this.#lifetime.absoluteTimeoutMs;
    const sealed = this.#options.seal.seal({
      sessionId,
      endpointTag,
      version: pin.version,
      startedAtMs,
      issuedAtMs: nowMs,
    });
    return this.#setCookie.format(sealed, isSecure);
  }

  /** A cookie is issued anew when the pin has changed, its secret is retired, or a quarter of the idle timeout is over. */
  #isUpToDate(voucher: Voucher, pin: Pin, endpointTag: EndpointTag, nowMs: EpochMs): boolean {
    return (
      voucher.version === pin.version &&
      voucher.isCurrentKey &&
      voucher.endpointTag === endpointTag &&
      nowMs - voucher.issuedAtMs < this.#lifetime.idleTimeoutMs / 4
    );
  }

  #touch(key: SessionKey, pin: Pin, nowMs: EpochMs): void {
    const expiresAtMs = idleDeadline(this.#lifetime, pin.endsAtMs, nowMs);
    const { near, touches } = this.#options;
    near.put(key, { ...pin, expiresAtMs }, nowMs, near.mark(key));
    touches.add({ key, endpoint: pin.endpoint, version: pin.version, expiresAtMs });
  }

  /** The first valid cookie of our name, wherever in the request it stands; the others are noise. */
  #voucherIn(fields: FieldSection, nowMs: EpochMs): Voucher | undefined {
    for (
      let index = fields.indexOf(FieldKind.cookie);
      index >= 0;
      index = fields.indexOf(FieldKind.cookie, index + 1)
    ) {
      for (const value of cookieValues(fields.value(index), this.cookieName)) {
        const voucher = this.#open(value);
        if (voucher !== undefined && identifies(voucher, this.#lifetime, nowMs)) return voucher;
      }
    }
    return undefined;
  }

  #open(value: string): Voucher | undefined {
    const known = this.#opened.get(value);
    if (known !== undefined) return known;
    const voucher = this.#options.seal.open(value);
    // Only what is genuine is remembered, so that noise cannot push it out.
    if (voucher !== undefined) this.#opened.set(value, voucher);
    return voucher;
  }

  #resolution(resolved: Placed, sessionId: Buffer, voucher: Voucher | undefined, nowMs: EpochMs): Resolution {
    const { pin, key } = resolved;
    if (resolved.confirmed && pin !== undefined && isTouchDue(this.#lifetime, pin, nowMs))
      this.#touch(key, pin, nowMs);
    return {
      endpoint: resolved.endpoint,
      refusal: resolved.refusal,
      outcome: resolved.outcome,
      source: 'cookie',
      tier: resolved.tier,
      reason: resolved.reason,
      session: { key, sessionId, pin, voucher },
      movedFrom: resolved.movedFrom,
    };
  }
}
