import { z } from 'zod';
import { cookieAttributes } from './affinity-source-schema.ts';
import { cookieName, duration, headerName, network, YEAR_MS } from './fields.ts';

/**
 * The ways in which clients name an endpoint by its label, in the clear: in a cookie of Holdfast's own, or where the
 * application has put it. Nothing is stored, so that nothing holds a session together but what its client brings.
 */

export const condition = z
  .strictObject({
    path: z.string().startsWith('/', 'a path that starts with "/"').optional().describe('Below this path.'),
    header: headerName.optional().describe('With this header.'),
    value: z.string().min(1).max(256).optional().describe('The value that the header has. Default: any.'),
    address: network.optional().describe('From a client in this network.'),
  })
  .refine((parts) => Object.values(parts).some((part) => part !== undefined), 'at least one key')
  .refine(({ header, value }) => value === undefined || header !== undefined, 'a header beside the value');

const derive = z
  .enum(['address-md5', 'address-keyed'])
  .optional()
  .describe(
    'Labels for endpoints without one, from their host and port. address-md5: as nginx does. address-keyed: as HAProxy does with dynamic, by the key. Default: they have none.',
  );

const key = z
  .string()
  .min(1)
  .max(256)
  .meta({ writeOnly: true })
  .optional()
  .describe('What address-keyed hashes with. The same on every node.');

const labelCookie = z.strictObject({
  type: z
    .literal('label-cookie')
    .describe('A cookie names the endpoint by its label, in the clear. Nothing is stored.'),
  name: cookieName.describe('Name of the cookie.'),
  mode: z
    .enum(['insert', 'prefix', 'rewrite', 'passive'])
    .default('insert')
    .describe(
      'insert: Holdfast sets the cookie. prefix: it puts the label and "~" in front of the value that the application sets. rewrite: it replaces the value that the application sets. passive: the application sets the label.',
    ),
  cookie: cookieAttributes.prefault({}).describe('Attributes of the cookie that is inserted.'),
  hidden: z
    .boolean()
    .default(true)
    .describe(
      'Whether endpoints do not see the inserted cookie, and a cookie of its name that they set is dropped where the client has a valid one.',
    ),
  preserve: z
    .boolean()
    .default(false)
    .describe('Whether a cookie of this name that an endpoint sets reaches the client as it is.'),
  postOnly: z.boolean().default(false).describe('Whether only answers to POST requests insert the cookie.'),
  maxIdle: duration(1_000, YEAR_MS)
    .optional()
    .describe(
      'A cookie that has not been used for this long names nobody; the date is in its value. Default: no limit.',
    ),
  maxLife: duration(1_000, YEAR_MS)
    .optional()
    .describe('A cookie that is older than this names nobody, used or not. Default: no limit.'),
  derive,
  key,
  whenDown: z
    .enum(['leave', 'try'])
    .default('leave')
    .describe('leave: an endpoint that is down is passed over. try: it is asked first all the same.'),
  failover: z
    .boolean()
    .default(true)
    .describe('Whether a request that its endpoint could not take is tried at another one.'),
  force: z
    .array(condition)
    .max(16)
    .default([])
    .describe('Requests that are sent to the endpoint that they name even if it is down, and to no other.'),
  ignore: z
    .array(condition)
    .max(16)
    .default([])
    .describe('Requests whose cookie counts for nothing, and to which no answer sets one.'),
});

const label = z.strictObject({
  type: z
    .literal('label')
    .describe('The application puts the label of the endpoint into its requests. Nothing is stored.'),
  in: z.enum(['cookie', 'query', 'path', 'header']).describe('Where the label stands.'),
  name: cookieName.describe('Name of the cookie, parameter or header.'),
  after: z
    .string()
    .min(1)
    .max(8)
    .optional()
    .describe(
      'The label is what stands behind the last one of these, as in jsessionid=1A2B.label. Default: all.',
    ),
  derive,
  key,
});

/** Every kind of source by labels, by its `type`. */
export const labelSources = [labelCookie, label] as const;

/** One way to name an endpoint. */
export type LabelSourceConfig = z.output<(typeof labelSources)[number]>;
export type LabelCookieConfig = Extract<LabelSourceConfig, { type: 'label-cookie' }>;
export type ConditionConfig = z.output<typeof condition>;

export const isLabelSource = (source: { readonly type: string }): source is LabelSourceConfig =>
  source.type === 'label-cookie' || source.type === 'label';
