import { z } from 'zod';
import { formatDuration } from '../duration.ts';
import { type AffinitySourceConfig, affinitySources } from './affinity-source-schema.ts';
import { duration, YEAR_MS } from './fields.ts';

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
};

const none = z.strictObject({
  type: z.literal('none').describe('Every request is balanced on its own.'),
});

const [cookie, appCookie, header, query, path, sourceIp] = affinitySources;

const list = z.strictObject({
  type: z.literal('list').optional().describe('Several ways to know a session.'),
  sources: z
    .array(z.discriminatedUnion('type', affinitySources))
    .min(1)
    .max(8)
    .describe('In this order: the first that names a session which is known counts.'),
  ...rules,
});

const written = z
  .discriminatedUnion('type', [
    cookie.extend(rules),
    appCookie.extend(rules),
    header.extend(rules),
    query.extend(rules),
    path.extend(rules),
    sourceIp.extend(rules),
    none,
    list,
  ])
  .superRefine((value, context) => {
    if (value.type === 'none' || value.idleTimeout <= value.absoluteTimeout) return;
    const message = `at most the absoluteTimeout of ${formatDuration(value.absoluteTimeout)}`;
    const params = { found: formatDuration(value.idleTimeout) };
    context.addIssue({ code: 'custom', path: ['idleTimeout'], message, params });
  });

type Written = z.output<typeof written>;

/** What keeps the sessions of a pool, as the program sees it, however many sources the file names in whichever form. */
export interface AffinityConfig {
  /** In the order in which they count. None: every request is balanced on its own. */
  readonly sources: readonly AffinitySourceConfig[];
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly onEndpointDown: 'repin' | 'fail';
}

const NONE: AffinityConfig = { sources: [], idleTimeout: 0, absoluteTimeout: 0, onEndpointDown: 'repin' };

/** `type: none`, one source beside the rules of its sessions, or a list of sources beside them. */
export const affinity = z.codec(written, z.custom<AffinityConfig>(), {
  decode(value) {
    if (value.type === 'none') return NONE;
    const { idleTimeout, absoluteTimeout, onEndpointDown, ...rest } = value;
    const sources = 'sources' in rest ? rest.sources : [rest];
    return { sources, idleTimeout, absoluteTimeout, onEndpointDown };
  },
  encode({ sources: [first, ...others], ...ruled }): Written {
    if (first === undefined) return { type: 'none' };
    return others.length > 0 ? { sources: [first, ...others], ...ruled } : { ...first, ...ruled };
  },
});
