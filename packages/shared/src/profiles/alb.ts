import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { cookieName, counted } from '../config/fields.ts';
import { NO_OTHER_END } from './written-source.ts';

const duration = counted(1, 604_800, 'seconds').default(86_400);

const COOKIE_NAME = 'stickiness.app_cookie.cookie_name';

/** Cookies with these beginnings are the load balancer's own. */
const RESERVED = /^(?:AWSALB|AWSALBAPP|AWSALBTG)/;

/** The stickiness of a target group of an Application Load Balancer, by the keys of its attributes. */
export const alb = z
  .strictObject({
    profile: z
      .literal('alb')
      .describe('Sticky sessions as an Application Load Balancer of AWS keeps them for a target group.'),
    'stickiness.enabled': z.boolean().default(false).describe('Whether sessions are kept.'),
    'stickiness.type': z
      .enum(['lb_cookie', 'app_cookie'])
      .default('lb_cookie')
      .describe("Whose cookie names a session: the load balancer's or the application's."),
    'stickiness.lb_cookie.duration_seconds': duration.describe(
      'Seconds without a request after which a session by the cookie of the load balancer ends.',
    ),
    [COOKIE_NAME]: cookieName
      .refine((name) => !RESERVED.test(name), 'a name that does not begin with AWSALB, AWSALBAPP or AWSALBTG')
      .optional()
      .describe('The cookie of the application. Required for app_cookie.'),
    'stickiness.app_cookie.duration_seconds': duration.describe(
      'Seconds without a request after which a session by the cookie of the application ends.',
    ),
  })
  .refine((values) => values['stickiness.type'] === 'lb_cookie' || values[COOKIE_NAME] !== undefined, {
    path: [COOKIE_NAME],
    message: 'the name of a cookie beside stickiness.type: app_cookie',
  });

export function albAffinity(values: z.output<typeof alb>): WrittenAffinity {
  const name = values[COOKIE_NAME];
  if (!values['stickiness.enabled']) return { type: 'none' };
  if (values['stickiness.type'] === 'app_cookie' && name !== undefined)
    return {
      type: 'app-cookie',
      name,
      companion: { name: 'AWSALBAPP-0' },
      idleTimeout: `${values['stickiness.app_cookie.duration_seconds']}s`,
      absoluteTimeout: NO_OTHER_END,
    };
  return {
    type: 'cookie',
    name: 'AWSALB',
    // The date in the cookie is always a week ahead. How long it counts stands inside.
    cookie: {
      lifetime: 'permanent',
      maxAge: '7d',
      attributes: ['Expires', 'Path'],
      refresh: 'always',
      twin: 'AWSALBCORS',
    },
    idleTimeout: `${values['stickiness.lb_cookie.duration_seconds']}s`,
    absoluteTimeout: NO_OTHER_END,
  };
}
