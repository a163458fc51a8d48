import { type EpochMs, type Lifetime, type SessionKey, sessionKey } from '@holdfast/shared';
import type { CompanionConfig } from '@holdfast/shared/config';
import type { FieldSection, RequestHeadParser } from '../codec/index.ts';
import type { Resolution } from './affinity.ts';
import { type Finding, firstTokens } from './claim.ts';
import { companionLines } from './companion-lines.ts';
import { type CookieSeal, SEALED_CHARACTERS, type Sealable } from './cookie-seal.ts';
import type { EndpointTags } from './endpoint-tags.ts';
import type { Identity, KeySource } from './key-source.ts';
import { OpenedCookies } from './opened-cookies.ts';
import { NO_COOKIES, takeOwnCookie } from './own-cookie.ts';
import { sessionAt } from './session-learner.ts';
import { setCookieNews } from './set-cookie-news.ts';
import { NO_TOKENS } from './token-source.ts';
import { identifies, type Voucher } from './voucher.ts';

export interface CompanionOptions {
  readonly config: CompanionConfig;
  /** The cookie of the application, and the source that knows sessions by it. */
  readonly appCookie: { readonly name: string; readonly source: KeySource };
  readonly seal: CookieSeal;
  readonly tags: EndpointTags;
  readonly lifetime: Lifetime;
  /** Opened cookies that are remembered, so that a warm request costs no decryption. */
  readonly openedMax: number;
}

/**
 * A sealed cookie of ours beside a cookie of the application. It is set when the application sets its own, with the same
 * attributes, and vouches for where the session of that value is; beside any other value, or alone, it says nothing. So
 * the client brings back what a session map that has lost everything no longer knows.
 */
export class CompanionCookie implements KeySource {
  readonly name = 'app-cookie';
  readonly beginsSessions = false;
  readonly cookieNames: readonly string[];
  readonly #options: CompanionOptions;
  readonly #opened: OpenedCookies;

  constructor(options: CompanionOptions) {
    const { name, twin } = options.config;
    this.cookieNames = twin === undefined ? [name] : [name, twin];
    this.#options = options;
    this.#opened = new OpenedCookies(options.openedMax);
  }

  /** Each value of the application's cookie with each of ours behind it: only together do they name a session. */
  find(request: RequestHeadParser, clientAddress: string): Finding | undefined {
    const own = takeOwnCookie(request.fields, this.cookieNames);
    if (own === undefined) return undefined;
    const sealed = firstTokens(own.values.filter(({ length }) => length === SEALED_CHARACTERS));
    const beside = this.#options.appCookie.source.find(request, clientAddress)?.tokens ?? NO_TOKENS;
    const tokens = beside.flatMap((token) => sealed.map((value) => token + value));
    return { source: this, tokens, cookieLines: own.lines };
  }

  open(token: string, nowMs: EpochMs): Identity | undefined {
    const identity = this.#opened.get(token) ?? this.#openAnew(token, nowMs);
    const voucher = identity?.voucher;
    return voucher !== undefined && this.#isInTime(voucher, nowMs) ? identity : undefined;
  }

  /** What the client needs beside a response that sets or deletes the cookie of the application; else nothing. */
  setCookies(resolution: Resolution, fields: FieldSection, nowMs: EpochMs): readonly string[] {
    const { appCookie, config, seal } = this.#options;
    const news = setCookieNews(fields, appCookie.name, nowMs);
    if (news === undefined) return NO_COOKIES;
    if (news.kind === 'deleted') return companionLines(config, undefined, news.attributes);
    const key = appCookie.source.open(news.token, nowMs)?.key;
    const content = key && this.#contentFor(key, resolution, nowMs);
    return content === undefined ? NO_COOKIES : companionLines(config, seal.seal(content), news.attributes);
  }

  /** Where the session of that key is from now on: where it is pinned already, else where the response comes from. */
  #contentFor(key: SessionKey, resolution: Resolution, nowMs: EpochMs): Sealable | undefined {
    const { lifetime, tags } = this.#options;
    const { session, endpoint } = resolution;
    const own = session?.key === key ? session.pin : undefined;
    const begun = own ?? sessionAt(resolution)?.pin;
    // An endpoint that keeps no sessions is not vouched for either.
    const at = own?.endpoint ?? (endpoint?.isSticky ? endpoint.pinId : undefined);
    const endpointTag = at && tags.of(at);
    if (endpointTag === undefined) return undefined;
    return {
      sessionId: Buffer.from(key, 'base64url'),
      endpointTag,
      version: own?.version ?? 1,
      startedAtMs: begun === undefined ? nowMs : begun.endsAtMs - lifetime.absoluteTimeoutMs,
      issuedAtMs: nowMs,
    };
  }

  /** It is not refreshed, so that one of its age tells nothing of a session that the map has forgotten. */
  #isInTime(voucher: Voucher, nowMs: EpochMs): boolean {
    const { lifetime } = this.#options;
    return identifies(voucher, lifetime, nowMs) && nowMs - voucher.issuedAtMs < lifetime.idleTimeoutMs;
  }

  /** Only what is genuine is remembered, so that noise cannot push it out. */
  #openAnew(token: string, nowMs: EpochMs): Identity | undefined {
    const { appCookie, seal } = this.#options;
    const voucher = seal.open(token.slice(-SEALED_CHARACTERS));
    const identity = appCookie.source.open(token.slice(0, -SEALED_CHARACTERS), nowMs);
    if (voucher === undefined || identity === undefined) return undefined;
    const key = sessionKey(voucher.sessionId.toString('base64url'));
    const isAboutIt = key === identity.key || identity.otherKeys.includes(key);
    return isAboutIt ? this.#opened.set(token, { ...identity, voucher }) : undefined;
  }
}
