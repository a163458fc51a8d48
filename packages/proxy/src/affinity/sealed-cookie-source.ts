import type { EpochMs, Lifetime, Pin, Random } from '@holdfast/shared';
import type { CookieConfig, SourceConfigOf } from '@holdfast/shared/config';
import type { RequestHeadParser } from '../codec/index.ts';
import type { Resolution } from './affinity.ts';
import type { Finding } from './claim.ts';
import type { CookieSeal } from './cookie-seal.ts';
import type { EndpointTags } from './endpoint-tags.ts';
import { type Identity, type KeySource, NO_KEYS } from './key-source.ts';
import { OpenedCookies } from './opened-cookies.ts';
import { NO_COOKIES, takeOwnCookie } from './own-cookie.ts';
import { SetCookie, twinOf } from './set-cookie.ts';
import { type EndpointTag, identifies, type Voucher, vouches } from './voucher.ts';

export interface SealedCookieOptions {
  readonly config: SourceConfigOf<'cookie'>;
  readonly seal: CookieSeal;
  readonly tags: EndpointTags;
  readonly lifetime: Lifetime;
  /** Opened cookies that are remembered, so that a warm request costs no decryption. */
  readonly openedMax: number;
  readonly random: Random;
}

const SESSION_ID_BYTES = 16;

/** The age at which a cookie is issued anew though it says nothing new. */
const REFRESH_AFTER_MS: Readonly<Record<CookieConfig['refresh'], (lifetime: Lifetime) => number>> = {
  'when-due': ({ idleTimeoutMs }) => idleTimeoutMs / 4,
  // Not 0: the clock of the node that has issued the cookie may be ahead.
  always: () => Number.NEGATIVE_INFINITY,
  never: () => Number.POSITIVE_INFINITY,
};

/** Sessions by the proxy's own sealed cookie: the one source that issues its tokens itself. */
export class SealedCookieSource implements KeySource {
  readonly name = 'cookie';
  readonly beginsSessions = false;
  readonly cookieNames: readonly string[];
  readonly #options: SealedCookieOptions;
  readonly #setCookies: readonly SetCookie[];
  readonly #opened: OpenedCookies;
  readonly #refreshAfterMs: number;

  constructor(options: SealedCookieOptions) {
    this.#options = options;
    const { config, lifetime } = options;
    const { name, cookie } = config;
    const { twin } = cookie;
    this.cookieNames = twin === undefined ? [name] : [name, twin];
    const single = new SetCookie(name, cookie, lifetime.idleTimeoutMs);
    this.#setCookies =
      twin === undefined ? [single] : [single, new SetCookie(twin, twinOf(cookie), lifetime.idleTimeoutMs)];
    this.#opened = new OpenedCookies(options.openedMax);
    this.#refreshAfterMs = REFRESH_AFTER_MS[config.cookie.refresh](lifetime);
  }

  find({ fields }: RequestHeadParser): Finding | undefined {
    const own = takeOwnCookie(fields, this.cookieNames);
    return own === undefined ? undefined : { source: this, tokens: own.values, cookieLines: own.lines };
  }

  open(token: string, nowMs: EpochMs): Identity | undefined {
    const identity = this.#opened.get(token) ?? this.#openAnew(token);
    const voucher = identity?.voucher;
    return voucher !== undefined && identifies(voucher, this.#options.lifetime, nowMs) ? identity : undefined;
  }

  /** A session that nobody has had before. */
  begin(): Pick<Voucher, 'key' | 'sessionId'> {
    const { random, seal } = this.#options;
    const sessionId = random.bytes(SESSION_ID_BYTES);
    return { key: seal.keyOf(sessionId), sessionId };
  }

  /** The `Set-Cookie` values that the client needs, mostly none. @param isSecure whether its request came over TLS */
  setCookies({ session }: Resolution, isSecure: boolean, nowMs: EpochMs): readonly string[] {
    if (session?.pin === undefined || session.sessionId === undefined) return NO_COOKIES;
    const { pin, voucher, sessionId } = session;
    const { seal, tags, lifetime } = this.#options;
    const endpointTag = tags.of(pin.endpoint);
    if (endpointTag === undefined) return NO_COOKIES;
    if (voucher !== undefined && this.#isUpToDate(voucher, pin, endpointTag, nowMs)) return NO_COOKIES;
    // Of a later place that this node does not know, a node that does is still to hear.
    if (voucher !== undefined && voucher.version > pin.version && vouches(voucher, lifetime, nowMs))
      return NO_COOKIES;
    const startedAtMs = pin.endsAtMs - lifetime.absoluteTimeoutMs;
    const sealed = seal.seal({
      sessionId,
      endpointTag,
      version: pin.version,
      startedAtMs,
      issuedAtMs: nowMs,
    });
    return this.#setCookies.map((cookie) => cookie.format(sealed, isSecure, nowMs, pin.endsAtMs));
  }

  /** A cookie is issued anew when the pin has changed, its secret is retired, or its time to be refreshed has come. */
  #isUpToDate(voucher: Voucher, pin: Pin, endpointTag: EndpointTag, nowMs: EpochMs): boolean {
    return (
      voucher.version === pin.version &&
      voucher.isCurrentKey &&
      voucher.endpointTag === endpointTag &&
      nowMs - voucher.issuedAtMs < this.#refreshAfterMs
    );
  }

  /** Only what is genuine is remembered, so that noise cannot push it out. */
  #openAnew(token: string): Identity | undefined {
    const voucher = this.#options.seal.open(token);
    if (voucher === undefined) return undefined;
    return this.#opened.set(token, { key: voucher.key, otherKeys: NO_KEYS, voucher });
  }
}
