import type { EpochMs, MoveReason } from '@holdfast/shared';
import type { FieldSection, RequestHeadParser } from '../codec/index.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Affinity, Learner, Resolution } from './affinity.ts';
import { balanced } from './balanced.ts';
import type { Claim } from './claim.ts';
import { freshness, type LabelLimits } from './dated-label.ts';
import type { EndpointLabels } from './endpoint-labels.ts';
import type { LabelCookie } from './label-cookie.ts';
import { type FindLabels, NO_LABELS } from './label-finders.ts';
import { type LabelCame, LabelVisit } from './label-visit.ts';
import type { RequestCondition } from './request-condition.ts';
import type { ResponseCookies } from './response-cookies.ts';

/** When a label counts, and what happens where it cannot be followed. */
export interface LabelRules {
  readonly limits: LabelLimits;
  /** Whether an endpoint that is down is asked all the same. */
  readonly triesDown: boolean;
  /** Whether a request that its endpoint could not take is tried at another one. */
  readonly failsOver: boolean;
  /** `fail`: a request whose endpoint is down is refused. */
  readonly onEndpointDown: 'repin' | 'fail';
  /** Whether a request whose endpoint has no room is placed anew instead of waiting there. */
  readonly leavesBusy: boolean;
  readonly isForced: RequestCondition;
  readonly isIgnored: RequestCondition;
}

export interface LabelAffinityOptions {
  /** What places the requests that no label places. */
  readonly others: Affinity;
  readonly labels: EndpointLabels;
  /** In the order in which they count. */
  readonly finders: readonly FindLabels[];
  readonly rules: LabelRules;
  /** Undefined: only the application sets labels. */
  readonly cookie: LabelCookie | undefined;
  /** The `Cookie` lines for the endpoint; undefined: as they were received. */
  readonly cookieLinesOf: (request: RequestHeadParser) => string | undefined;
}

/**
 * Follows labels: requests that name an endpoint in the clear. Nothing is stored or asked. What names no endpoint that may
 * serve is placed by the affinity that this one decorates.
 */
export class LabelAffinity implements Affinity {
  readonly learner: Learner | undefined;
  readonly #options: LabelAffinityOptions;

  constructor(options: LabelAffinityOptions) {
    this.learner = options.others.learner;
    this.#options = options;
  }

  claimOf(request: RequestHeadParser, clientAddress: string): Claim {
    const { others, cookieLinesOf } = this.#options;
    const claim = others.claimOf(request, clientAddress);
    const label = this.#visitOf(request, clientAddress);
    return { ...claim, cookieLines: cookieLinesOf(request) ?? claim.cookieLines, label };
  }

  resolveNear(claim: Claim, nowMs: EpochMs): Resolution | undefined {
    const visit = claim.label as LabelVisit;
    const followed = this.#follow(visit, nowMs);
    if (followed !== undefined) return followed;
    const resolution = this.#options.others.resolveNear(claim, nowMs);
    return resolution && this.#instead(resolution, visit);
  }

  async resolve(claim: Claim, nowMs: EpochMs): Promise<Resolution> {
    const visit = claim.label as LabelVisit;
    const followed = this.#follow(visit, nowMs);
    return followed ?? this.#instead(await this.#options.others.resolve(claim, nowMs), visit);
  }

  followLabel(claim: Claim, nowMs: EpochMs): Resolution | undefined {
    return this.#follow(claim.label as LabelVisit, nowMs);
  }

  async failover(claim: Claim, failed: Resolution, reason: MoveReason, nowMs: EpochMs): Promise<Resolution> {
    const { others, rules } = this.#options;
    const visit = claim.label as LabelVisit;
    const isBound = visit.isDirect && (visit.isForced || rules.onEndpointDown === 'fail');
    if (!rules.failsOver || isBound) return refused(failed);
    if (!visit.isDirect) return others.failover(claim, failed, reason, nowMs);
    visit.isDirect = false;
    visit.came = 'D';
    const next = others.resolveNear(claim, nowMs) ?? (await others.resolve(claim, nowMs));
    const isSame = next.endpoint !== undefined && next.endpoint === failed.endpoint;
    const other = isSame ? await others.failover(claim, next, reason, nowMs) : next;
    return fallenBack(other, failed.endpoint, reason);
  }

  responseCookies(
    claim: Claim,
    resolution: Resolution,
    fields: FieldSection,
    isSecure: boolean,
    nowMs: EpochMs,
  ): ResponseCookies {
    const { others, cookie, labels } = this.#options;
    const theirs = others.responseCookies(claim, resolution, fields, isSecure, nowMs);
    if (cookie === undefined || resolution.endpoint === undefined) return theirs;
    const label = labels.of(resolution.endpoint);
    return cookie.responseCookies(claim.label as LabelVisit, label, fields, isSecure, nowMs, theirs);
  }

  keepAlive(resolution: Resolution, nowMs: EpochMs): void {
    this.#options.others.keepAlive(resolution, nowMs);
  }

  #visitOf(request: RequestHeadParser, clientAddress: string): LabelVisit {
    const { finders, rules, cookie } = this.#options;
    let findings = NO_LABELS;
    for (const find of finders) {
      findings = find(request);
      if (findings.length > 0) break;
    }
    const visit = new LabelVisit(findings, {
      isPost: request.method === 'POST',
      isForced: rules.isForced(request, clientAddress),
      isIgnored: rules.isIgnored(request, clientAddress),
    });
    if (cookie === undefined) visit.went = '-';
    return visit;
  }

  /** The answer of the label; undefined where there is none, or it counts for nothing. */
  #follow(visit: LabelVisit, nowMs: EpochMs): Resolution | undefined {
    this.#read(visit, nowMs);
    const { finding, named, isForced } = visit;
    const { rules } = this.#options;
    if (finding === undefined || named === undefined) return undefined;
    if (visit.came === 'D' && !isForced && !rules.triesDown)
      return rules.onEndpointDown === 'fail' ? refused(balanced(named, finding.source)) : undefined;
    if (rules.leavesBusy && !isForced && !named.hasRoom) return undefined;
    visit.isDirect = true;
    return { ...balanced(named, finding.source, 'cookie'), outcome: 'hit' };
  }

  /**
   * Finds out what became of the labels. The first counts whose endpoint may be asked; if there is none, the first that is
   * of any endpoint at all.
   */
  #read(visit: LabelVisit, nowMs: EpochMs): void {
    const { labels, rules } = this.#options;
    visit.came = 'N';
    for (const finding of visit.findings) {
      const namesakes = labels.find(finding.label);
      const named = namesakes.find(({ isUsable }) => isUsable) ?? namesakes[0];
      const came = cameOf(freshness(finding, rules.limits, nowMs), visit.isIgnored, named);
      const isFollowed = came === 'V' || (came === 'D' && (visit.isForced || rules.triesDown));
      const isBest = visit.came === 'N' || (visit.came === 'I' && came !== 'I');
      if (!isFollowed && !isBest) continue;
      visit.finding = finding;
      visit.came = came;
      visit.named = came === 'V' || came === 'D' ? named : undefined;
      if (isFollowed) return;
    }
  }

  /** The answer of others to a request whose endpoint is down, or was left because it has no room. */
  #instead(resolution: Resolution, { named, came }: LabelVisit): Resolution {
    if (named === undefined || named === resolution.endpoint) return resolution;
    return fallenBack(resolution, named, came === 'D' ? 'endpoint-down' : 'endpoint-busy');
  }
}

/** @param named the endpoint of the label: of several the first that is not down */
function cameOf(
  age: ReturnType<typeof freshness>,
  isIgnored: boolean,
  named: Endpoint | undefined,
): LabelCame {
  if (age !== 'fresh') return age === 'idle' ? 'E' : 'O';
  if (isIgnored) return 'U';
  if (named === undefined) return 'I';
  return named.isUsable ? 'V' : 'D';
}

/** Where no session is pinned, the endpoint is told that its client was at another one. */
function fallenBack(resolution: Resolution, from: Endpoint | undefined, reason: MoveReason): Resolution {
  if (resolution.session !== undefined || resolution.endpoint === undefined) return resolution;
  return { ...resolution, outcome: 'fallback', reason, movedFrom: from?.id };
}

const refused = (failed: Resolution): Resolution => ({
  ...failed,
  endpoint: undefined,
  refusal: 'endpoint-down',
  outcome: 'none',
});
