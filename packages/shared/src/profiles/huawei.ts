import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { cookieName, counted, type EndpointKind } from '../config/fields.ts';
import { NO_OTHER_END } from './written-source.ts';

/**
 * Sticky sessions of Huawei Cloud Elastic Load Balance (ELB), by the field names of its API, and of the annotations of Cloud
 * Container Engine (CCE) that set them.
 */

/** The longest stickiness duration, in minutes: of connections and datagrams, and of requests. */
const LAYER_4_MINUTES_MAX = 60;
const LAYER_7_MINUTES_MAX = 1_440;
const USUAL_MINUTES = 20;

/** Minutes as a number, or as the digits that annotations write. */
function minutes(max: number) {
  const expected = `a whole number of minutes from 1 to ${max}`;
  const digits = z
    .string()
    .refine((text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= max, expected);
  return z.union([counted(1, max, 'minutes'), digits], { error: expected }).default(USUAL_MINUTES);
}

const DURATION = 'Minutes without a request after which the session is forgotten.';

const common = {
  profile: z
    .literal('huawei')
    .describe('Sticky sessions as Elastic Load Balance of Huawei Cloud keeps them.'),
  class: z
    .enum(['shared', 'dedicated'])
    .default('shared')
    .describe('The class of the load balancer, on which the types depend that there are.'),
  compat: z
    .literal([2025, 2026])
    .default(2025)
    .describe('Whose documentation counts: since that of 2026, dedicated load balancers have APP_COOKIE.'),
};

const sourceIp = z.strictObject({
  ...common,
  type: z.literal('SOURCE_IP').describe('The address of the client. Only for TCP and UDP.'),
  persistence_timeout: minutes(LAYER_4_MINUTES_MAX).describe(DURATION),
});

const httpCookie = z.strictObject({
  ...common,
  type: z.literal('HTTP_COOKIE').describe('A cookie of the load balancer. Only for HTTP and HTTPS.'),
  persistence_timeout: minutes(LAYER_7_MINUTES_MAX).describe(DURATION),
});

const appCookie = z.strictObject({
  ...common,
  type: z.literal('APP_COOKIE').describe('A cookie of the application. Only for HTTP and HTTPS.'),
  cookie_name: cookieName.describe('Name of the cookie that the application sets.'),
  persistence_timeout: minutes(LAYER_7_MINUTES_MAX).describe(DURATION),
});

export const huawei = z
  .discriminatedUnion('type', [sourceIp, httpCookie, appCookie])
  .superRefine((values, context) => {
    if (values.type !== 'APP_COOKIE' || values.class === 'shared' || values.compat === 2026) return;
    const message =
      'SOURCE_IP or HTTP_COOKIE, because dedicated load balancers had no other until compat: 2026';
    context.addIssue({ code: 'custom', path: ['type'], message });
  });

export type HuaweiProfile = z.output<typeof huawei>;

/**
 * The duration slides: Huawei says that a session ends when requests "exceed the session stickiness duration", and not from
 * when it counts.
 */
export function huaweiAffinity(values: HuaweiProfile): WrittenAffinity {
  const lifetime = { idleTimeout: `${values.persistence_timeout}m`, absoluteTimeout: NO_OTHER_END };
  switch (values.type) {
    case 'SOURCE_IP':
      return { type: 'source-ip', ...lifetime };
    case 'HTTP_COOKIE':
      return { type: 'cookie', ...lifetime };
    case 'APP_COOKIE':
      return { type: 'app-cookie', name: values.cookie_name, ...lifetime };
  }
}

/** The types that ELB has for what a listener carries. */
export const huaweiTypesFor = (kind: EndpointKind): readonly HuaweiProfile['type'][] =>
  kind === 'http' ? ['HTTP_COOKIE', 'APP_COOKIE'] : ['SOURCE_IP'];
