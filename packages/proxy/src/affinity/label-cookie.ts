import type { EpochMs } from '@holdfast/shared';
import type { LabelCookieConfig } from '@holdfast/shared/config';
import { FieldKind, type FieldSection } from '../codec/index.ts';
import { isRefreshDue, type LabelLimits, writeDatedLabel } from './dated-label.ts';
import { type LabelAnswer, labelAnswer } from './label-cookie-answer.ts';
import { PREFIX_END } from './label-finders.ts';
import type { LabelVisit } from './label-visit.ts';
import { isAbout, type ResponseCookies } from './response-cookies.ts';
import { SetCookie } from './set-cookie.ts';

/** The cookie that names an endpoint by its label, in responses. */
export class LabelCookie {
  readonly #config: LabelCookieConfig;
  readonly #limits: LabelLimits;
  readonly #setCookie: SetCookie;
  readonly #deletion: string;

  /** @param idleTimeoutMs the `Max-Age` of a permanent cookie that names none */
  constructor(config: LabelCookieConfig, limits: LabelLimits, idleTimeoutMs: number) {
    const { name, cookie } = config;
    this.#config = config;
    this.#limits = limits;
    this.#setCookie = new SetCookie(name, cookie, idleTimeoutMs);
    const domain = cookie.domain === undefined ? '' : `; domain=${cookie.domain}`;
    this.#deletion = `${name}=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=${cookie.path}${domain}`;
  }

  /**
   * What becomes of the cookies of a response.
   *
   * @param label of the endpoint that answers; undefined if it has none
   * @param others what becomes of all other cookies
   */
  responseCookies(
    visit: LabelVisit,
    label: string | undefined,
    fields: FieldSection,
    isSecure: boolean,
    nowMs: EpochMs,
    others: ResponseCookies,
  ): ResponseCookies {
    const config = this.#config;
    const isProvided = setsCookie(fields, config.name);
    const isDue = config.cookie.refresh === 'always' || this.#isRefreshDue(visit, nowMs);
    const isLabelled = label !== undefined;
    const answer = labelAnswer({ config, visit, isLabelled, isProvided, isDue });
    visit.went = answer.went;
    const inserted = this.#inserted(answer, visit, label, isSecure, nowMs);
    if (answer.provided === 'passed' && inserted === undefined) return others;
    const { cacheControl } = config.cookie;
    return {
      ofEndpoint: this.#ofEndpoint(answer, label, others.ofEndpoint),
      setCookies: inserted === undefined ? others.setCookies : [...others.setCookies, inserted],
      cacheControl: inserted === undefined || cacheControl === 'none' ? others.cacheControl : cacheControl,
    };
  }

  #isRefreshDue({ finding }: LabelVisit, nowMs: EpochMs): boolean {
    return (
      this.#config.cookie.refresh === 'when-due' &&
      finding !== undefined &&
      isRefreshDue(finding, this.#limits, nowMs)
    );
  }

  #inserted(
    { inserted }: LabelAnswer,
    { finding, isDirect }: LabelVisit,
    label: string | undefined,
    isSecure: boolean,
    nowMs: EpochMs,
  ): string | undefined {
    if (inserted === undefined) return undefined;
    if (label === undefined) return this.#deletion;
    const { maxIdleMs, maxLifeMs } = this.#limits;
    const hasDate = maxIdleMs !== undefined || maxLifeMs !== undefined;
    const firstAtMs = (isDirect ? finding?.firstAtMs : undefined) ?? nowMs;
    const value = writeDatedLabel({
      label,
      usedAtMs: hasDate ? nowMs : undefined,
      firstAtMs: maxLifeMs === undefined ? undefined : firstAtMs,
    });
    return this.#setCookie.format(value, isSecure, nowMs, Number.POSITIVE_INFINITY);
  }

  #ofEndpoint(
    { provided }: LabelAnswer,
    label: string | undefined,
    others: ResponseCookies['ofEndpoint'],
  ): ResponseCookies['ofEndpoint'] {
    if (provided === 'passed') return others;
    const { name } = this.#config;
    return (setCookie) => {
      if (!isAbout(setCookie, name)) return others === undefined ? setCookie : others(setCookie);
      if (provided === 'dropped') return undefined;
      const valueAt = setCookie.indexOf('=') + 1;
      if (provided === 'prefixed')
        return `${setCookie.slice(0, valueAt)}${label}${PREFIX_END}${setCookie.slice(valueAt).trimStart()}`;
      const semicolon = setCookie.indexOf(';');
      return `${setCookie.slice(0, valueAt)}${label}${semicolon < 0 ? '' : setCookie.slice(semicolon)}`;
    };
  }
}

function setsCookie(fields: FieldSection, name: string): boolean {
  let index = fields.indexOf(FieldKind.setCookie);
  for (; index >= 0; index = fields.indexOf(FieldKind.setCookie, index + 1))
    if (isAbout(fields.value(index), name)) return true;
  return false;
}
