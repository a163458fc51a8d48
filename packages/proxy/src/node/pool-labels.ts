import type { AffinityConfig, LabelCookieConfig } from '@holdfast/shared/config';
import { addressLabelOf } from '../affinity/address-label.ts';
import type { Affinity } from '../affinity/affinity.ts';
import type { LabelLimits } from '../affinity/dated-label.ts';
import { EndpointLabels } from '../affinity/endpoint-labels.ts';
import { LabelAffinity, type LabelRules } from '../affinity/label-affinity.ts';
import { LabelCookie } from '../affinity/label-cookie.ts';
import { labelCookieLines, labelFinderOf } from '../affinity/label-finders.ts';
import { anyOf } from '../affinity/request-condition.ts';
import type { Pool } from '../pool/pool.ts';

/** Has labels count first where the pool goes by any. */
export function withLabels(others: Affinity, config: AffinityConfig, pool: Pool): Affinity {
  const { labels, idleTimeout } = config;
  if (labels.length === 0) return others;
  const cookie = labels.find((source): source is LabelCookieConfig => source.type === 'label-cookie');
  const limits = { maxIdleMs: cookie?.maxIdle, maxLifeMs: cookie?.maxLife };
  const derived = labels.find(({ derive }) => derive !== undefined);
  return new LabelAffinity({
    others,
    labels: new EndpointLabels(pool, addressLabelOf(derived ?? { derive: undefined, key: undefined })),
    finders: labels.map(labelFinderOf),
    rules: rulesOf(cookie, limits, config),
    cookie: cookie && new LabelCookie(cookie, limits, idleTimeout),
    cookieLinesOf: (request) => cookie && labelCookieLines(request, cookie),
  });
}

const rulesOf = (
  cookie: LabelCookieConfig | undefined,
  limits: LabelLimits,
  { onEndpointDown, onEndpointBusy }: AffinityConfig,
): LabelRules => ({
  limits,
  triesDown: cookie?.whenDown === 'try',
  failsOver: cookie?.failover ?? true,
  onEndpointDown,
  leavesBusy: onEndpointBusy === 'repin',
  isForced: anyOf(cookie?.force ?? []),
  isIgnored: anyOf(cookie?.ignore ?? []),
});
