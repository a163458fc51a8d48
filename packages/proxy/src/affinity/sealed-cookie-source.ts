import type { EpochMs, Lifetime, Pin, Random } from '@holdfast/shared';
import type { SourceConfigOf } from '@holdfast/shared/config';
import type { RequestHeadParser } from '../codec/index.ts';
import type { Resolution } from './affinity.ts';
import type { Finding } from './claim.ts';
import type { CookieSeal } from './cookie-seal.ts';
import type { EndpointTags } from './endpoint-tags.ts';
import type { Identity, KeySource } from './key-source.ts';
import { OpenedCookies } from './opened-cookies.ts';
import { takeOwnCookie } from './own-cookie.ts';
import { SetCookie } from './set-cookie.ts';
import { type EndpointTag, identifies, type Voucher } from './voucher.ts';

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

/** Sessions by the proxy's own sealed cookie: the one source that issues its tokens itself. */
export class SealedCookieSource implements KeySource {
  readonly name = 'cookie';
  readonly beginsSessions = false;
  readonly cookieName: string;
  readonly #options: SealedCookieOptions;
  readonly #setCookie: SetCookie;
  readonly #opened: OpenedCookies;

  constructor(options: SealedCookieOptions) {
    this.cookieName = options.config.name;
    this.#options = options;
    this.#setCookie = new SetCookie(options.config, options.lifetime.idleTimeoutMs);
    this.#opened = new OpenedCookies(options.openedMax);
  }

  find({ fields }: RequestHeadParser): Finding | undefined {
    const own = takeOwnCookie(fields, this.cookieName);
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

  /** The `Set-Cookie` value that the client needs, if it needs one. @param isSecure whether its request came over TLS */
  setCookie({ session }: Resolution, isSecure: boolean, nowMs: EpochMs): string | undefined {
    if (session?.pin === undefined || session.sessionId === undefined) return undefined;
    const { pin, voucher, sessionId } = session;
    const { seal, tags, lifetime } = this.#options;
    const endpointTag = tags.of(pin.endpoint);
    if (endpointTag === undefined) return undefined;
    if (voucher !== undefined && this.#isUpToDate(voucher, pin, endpointTag, nowMs)) return undefined;
    const startedAtMs = pin.endsAtMs - lifetime.absoluteTimeoutMs;
    const sealed = seal.seal({
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
      nowMs - voucher.issuedAtMs < this.#options.lifetime.idleTimeoutMs / 4
    );
  }

  /** Only what is genuine is remembered, so that noise cannot push it out. */
  #openAnew(token: string): Identity | undefined {
    const voucher = this.#options.seal.open(token);
    return voucher === undefined ? undefined : this.#opened.set(token, voucher);
  }
}
