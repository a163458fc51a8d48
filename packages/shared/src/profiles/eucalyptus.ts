import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { counted } from '../config/fields.ts';
import { checkPolicies, elbPolicies, policyInUse, refuseIn } from './elb-policies.ts';
import { NO_OTHER_END } from './written-source.ts';

const NAME = 'AWSELB';

/** Stickiness of a load balancer of Eucalyptus, which has the API of a Classic Load Balancer and stricter lifetimes. */
export const eucalyptus = z
  .strictObject({
    profile: z.literal('eucalyptus').describe('Sticky sessions as a load balancer of Eucalyptus keeps them.'),
    ...elbPolicies,
    app_cookie_duration: counted(1, 365 * 24, 'hours')
      .default(24)
      .describe('Hours without a request after which a session by a cookie of the application ends.'),
  })
  .superRefine((values, context) => {
    const refuse = refuseIn(context);
    checkPolicies(values, refuse);
    for (const [index, { CookieName, CookieExpirationPeriod = 0 }] of values.policies.entries())
      if (CookieName === undefined && CookieExpirationPeriod <= 0)
        refuse(
          ['policies', index, 'CookieExpirationPeriod'],
          'a number of seconds bigger than 0 (InvalidConfigurationRequest)',
        );
  });

export function eucalyptusAffinity(values: z.output<typeof eucalyptus>): WrittenAffinity {
  const policy = policyInUse(values);
  if (policy === undefined) return { type: 'none' };
  if (policy.CookieName !== undefined)
    return {
      type: 'app-cookie',
      name: policy.CookieName,
      companion: { name: NAME },
      idleTimeout: `${values.app_cookie_duration}h`,
      absoluteTimeout: NO_OTHER_END,
    };
  const lifetime = `${policy.CookieExpirationPeriod}s`;
  return {
    type: 'cookie',
    name: NAME,
    cookie: { refresh: 'never', attributes: ['path'], cacheControl: 'no-cache' },
    idleTimeout: lifetime,
    absoluteTimeout: lifetime,
  };
}
