import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import type { labelSources } from '../config/label-source-schema.ts';
import { formatDuration } from '../duration.ts';
import { readHaproxyCondition, type WrittenCondition } from './haproxy-condition.ts';
import { type HaproxyCookie, readHaproxyCookie } from './haproxy-cookie.ts';
import { readStickRule, readStickTable, stickSources } from './haproxy-stick.ts';
import { accepted, isRefused, type Refused, line as writtenLine } from './refused.ts';
import { NO_OTHER_END, type WrittenSource } from './written-source.ts';

type WrittenLabelCookie = Extract<z.input<(typeof labelSources)[number]>, { type: 'label-cookie' }>;

/** A line as it stands in a backend, with or without its keyword. */
const line = (read: (text: string) => object) => writtenLine(read, JSON.stringify);

const lines = (read: (text: string) => object) => z.array(line(read)).max(8).default([]);

const FACTOR = '0, or a whole number from 101';

/** What keeps the sessions of a `backend` of HAProxy, by the keywords of its lines. The `cookie` of a `server` is its endpoint's `label`. */
export const haproxy = z
  .strictObject({
    profile: z.literal('haproxy').describe('Persistence as a backend of HAProxy keeps it.'),
    cookie: line(readHaproxyCookie)
      .optional()
      .describe('The line of this name, such as SERVERID insert indirect nocache maxidle 30m.'),
    'dynamic-cookie-key': z
      .string()
      .min(1)
      .max(256)
      .meta({ writeOnly: true })
      .optional()
      .describe('What labels are made with beside dynamic, which are then the same as those of HAProxy.'),
    option: z
      .array(z.enum(['redispatch', 'persist']))
      .default([])
      .describe(
        'redispatch: a request that its endpoint could not take is tried at another one. persist: an endpoint that is down is asked first all the same.',
      ),
    'force-persist': lines(readHaproxyCondition).describe(
      'Requests that go to the endpoint that they name even if it is down, such as if { path_beg /check }.',
    ),
    'ignore-persist': lines(readHaproxyCondition).describe(
      'Requests of which the cookie counts for nothing.',
    ),
    stick: lines(readStickRule).describe(
      'The lines of this name, such as on src. A cookie counts before them.',
    ),
    'stick-table': line(readStickTable)
      .optional()
      .describe('The line of this name, such as type ip size 1m expire 30m.'),
    'hash-balance-factor': z
      .int(FACTOR)
      .refine((factor) => factor === 0 || (factor > 100 && factor <= 10_000), FACTOR)
      .optional()
      .describe('A hundred times the loadFactor of balance, which has to say the same. 0: no bound.'),
  })
  .superRefine((values, context) => {
    const { cookie, stick } = values;
    const refuse = (key: string, expected: string, found: string): void =>
      context.addIssue({ code: 'custom', path: [key], message: expected, params: { found } });
    if (cookie === undefined && stick.length === 0)
      refuse('cookie', 'a line of cookie or of stick', 'neither');
    if (stick.length > 0 && values['stick-table'] === undefined)
      refuse('stick-table', 'a stick-table beside stick', 'nothing');
    const sources = stickSources(accepted(stick.map(readStickRule)));
    if (stick.length > 0 && isRefused(sources)) refuse('stick', sources.expected, sources.found);
    const isDynamic = cookie !== undefined && hasOption(readHaproxyCookie(cookie), 'dynamic');
    if (isDynamic && values['dynamic-cookie-key'] === undefined)
      refuse('dynamic-cookie-key', 'a key beside dynamic', 'nothing');
  });

export type HaproxyProfile = z.output<typeof haproxy>;

const hasOption = (read: HaproxyCookie | Refused, option: 'dynamic'): boolean =>
  !isRefused(read) && read.options.has(option);

/** @param values that the schema has let through, so that each line can be read */
export function haproxyAffinity(values: HaproxyProfile): WrittenAffinity {
  const read = values.cookie === undefined ? undefined : readHaproxyCookie(values.cookie);
  const cookies = read === undefined || isRefused(read) ? [] : [labelCookieOf(read, values)];
  const sticks = stickSources(accepted(values.stick.map(readStickRule)));
  const sources: readonly (WrittenLabelCookie | WrittenSource)[] = [
    ...cookies,
    ...(isRefused(sticks) ? [] : sticks),
  ];
  const table = readStickTable(values['stick-table'] ?? '');
  const lifetime = isRefused(table)
    ? {}
    : { idleTimeout: formatDuration(table.expireMs), absoluteTimeout: NO_OTHER_END };
  return { sources: [...sources], ...lifetime };
}

function labelCookieOf(cookie: HaproxyCookie, values: HaproxyProfile): WrittenLabelCookie {
  const { name, mode, options, maxIdleMs, maxLifeMs } = cookie;
  return {
    type: 'label-cookie',
    name,
    mode,
    cookie: attributesOf(cookie),
    hidden: options.has('indirect'),
    preserve: options.has('preserve'),
    postOnly: options.has('postonly'),
    maxIdle: maxIdleMs === undefined ? undefined : formatDuration(maxIdleMs),
    maxLife: maxLifeMs === undefined ? undefined : formatDuration(maxLifeMs),
    ...(options.has('dynamic') && { derive: 'address-keyed', key: values['dynamic-cookie-key'] }),
    whenDown: values.option.includes('persist') ? 'try' : 'leave',
    failover: values.option.includes('redispatch'),
    force: conditionsOf(values['force-persist']),
    ignore: conditionsOf(values['ignore-persist']),
  };
}

/** In the order and spelling in which HAProxy writes them. */
function attributesOf({ options, domain, sameSite }: HaproxyCookie): WrittenLabelCookie['cookie'] {
  const isSecure = options.has('secure');
  const attributes = [
    'path',
    'domain',
    'HttpOnly',
    'Secure',
    ...(sameSite === undefined ? [] : ['SameSite']),
  ];
  return {
    domain,
    httpOnly: options.has('httponly'),
    secure: isSecure ? 'always' : 'never',
    ...(sameSite !== undefined && { sameSite }),
    attributes,
    cacheControl: options.has('nocache') ? 'private' : 'none',
  };
}

const conditionsOf = (written: readonly string[]): WrittenCondition[] =>
  accepted(written.map(readHaproxyCondition)).flat();
