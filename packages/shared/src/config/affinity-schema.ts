import { z } from 'zod';
import { formatDuration } from '../duration.ts';
import type { Lifetime } from '../pin.ts';
import { type AffinitySourceConfig, affinitySources } from './affinity-source-schema.ts';
import { duration, YEAR_MS } from './fields.ts';
import { isLabelSource, type LabelSourceConfig, labelSources } from './label-source-schema.ts';

const rules = {
  idleTimeout: duration(1_000, YEAR_MS)
    .prefault('20m')
    .describe('A session without a request for this long is forgotten.'),
  absoluteTimeout: duration(1_000, YEAR_MS)
    .prefault('24h')
    .describe('A session is forgotten this long after its start.'),
  onEndpointDown: z
    .enum(['repin', 'fail'])
    .default('repin')
    .describe('repin: move the session once, for every node. fail: answer 503 until the endpoint is back.'),
  onEndpointBusy: z
    .enum(['wait', 'repin'])
    .default('wait')
    .describe(
      'What becomes of a session whose endpoint has maxConnections requests. wait: for a place there. repin: it moves, as if the endpoint were down, where another one has a place.',
    ),
};

/** What keeps the forms below apart from those of profiles, whose other keys may have the same names. */
const noProfile = {
  profile: z.undefined().optional().describe('Only where the values of a profile are given.'),
};

const ruled = { ...rules, ...noProfile };

const none = z.strictObject({
  type: z.literal('none').describe('Every request is balanced on its own.'),
  ...noProfile,
});

const [cookie, appCookie, header, query, path, sourceIp] = affinitySources;
const [labelCookie, label] = labelSources;

const list = z.strictObject({
  type: z.literal('list').optional().describe('Several ways to know a session.'),
  sources: z
    .array(z.discriminatedUnion('type', [...affinitySources, ...labelSources]))
    .min(1)
    .max(8)
    .describe('In this order: the first that names a session which is known counts.'),
  ...ruled,
});

/** `type: none`, one source beside the rules of its sessions, or a list of sources beside them. */
export const genericAffinity = z
  .discriminatedUnion('type', [
    cookie.extend(ruled),
    appCookie.extend(ruled),
    header.extend(ruled),
    query.extend(ruled),
    path.extend(ruled),
    sourceIp.extend(ruled),
    labelCookie.extend(ruled),
    label.extend(ruled),
    none,
    list,
  ])
  .superRefine((value, context) => {
    if (value.type === 'none' || value.idleTimeout <= value.absoluteTimeout) return;
    const message = `at most the absoluteTimeout of ${formatDuration(value.absoluteTimeout)}`;
    const params = { found: formatDuration(value.idleTimeout) };
    context.addIssue({ code: 'custom', path: ['idleTimeout'], message, params });
  })
  .superRefine((value, context) => {
    const sources = 'sources' in value ? value.sources : [];
    const others = sources.findIndex((source) => !isLabelSource(source));
    const late = sources.findLastIndex(isLabelSource);
    if (others < 0 || late < others) return;
    const message = 'labels before all other sources, because they count before them';
    const params = { found: 'one behind' };
    context.addIssue({ code: 'custom', path: ['sources', late, 'type'], message, params });
  });

/** An affinity as a file writes it without a profile, before defaults. */
export type WrittenAffinity = z.input<typeof genericAffinity>;

/** What keeps the sessions of a pool, as the program sees it, however many sources the file names in whichever form. */
export interface AffinityConfig {
  /** Where clients name an endpoint, in the order in which they count. They count before all sources. */
  readonly labels: readonly LabelSourceConfig[];
  /** Where a session is named that is pinned, in the order in which they count. */
  readonly sources: readonly AffinitySourceConfig[];
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly onEndpointDown: 'repin' | 'fail';
  readonly onEndpointBusy: 'wait' | 'repin';
}

/** How long the sessions of a pool live. */
export const lifetimeOf = ({
  idleTimeout,
  absoluteTimeout,
}: Pick<AffinityConfig, 'idleTimeout' | 'absoluteTimeout'>): Lifetime => ({
  idleTimeoutMs: idleTimeout,
  absoluteTimeoutMs: absoluteTimeout,
});

const NONE: AffinityConfig = {
  labels: [],
  sources: [],
  idleTimeout: 0,
  absoluteTimeout: 0,
  onEndpointDown: 'repin',
  onEndpointBusy: 'wait',
};

/** A checked affinity in the one form of the program. */
export function affinityConfigOf(written: z.output<typeof genericAffinity>): AffinityConfig {
  if (written.type === 'none') return NONE;
  const { idleTimeout, absoluteTimeout, onEndpointDown, onEndpointBusy, profile: _, ...rest } = written;
  const all = 'sources' in rest ? rest.sources : [rest];
  const labels = all.filter(isLabelSource);
  const sources = all.filter((source) => !isLabelSource(source));
  return { labels, sources, idleTimeout, absoluteTimeout, onEndpointDown, onEndpointBusy };
}

/** The inverse of {@link affinityConfigOf}, in the shortest form. */
export function genericAffinityOf({
  labels,
  sources,
  ...rules
}: AffinityConfig): z.output<typeof genericAffinity> {
  const [first, ...others] = [...labels, ...sources];
  if (first === undefined) return { type: 'none' };
  return others.length > 0 ? { sources: [first, ...others], ...rules } : { ...first, ...rules };
}
