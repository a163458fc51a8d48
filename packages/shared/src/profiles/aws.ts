import { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { checkPolicies, elbPolicies, policyInUse, refuseIn } from './elb-policies.ts';
import { NO_OTHER_END } from './written-source.ts';

const NAME = 'AWSELB';
const TWIN = 'AWSELBCORS';

/** Stickiness of a Classic Load Balancer, by the names of the Elastic Load Balancing API, version 2012-06-01. */
export const aws = z
  .strictObject({
    profile: z.literal('aws').describe('Sticky sessions as a Classic Load Balancer of AWS keeps them.'),
    ...elbPolicies,
    AWSELBCORS: z
      .boolean()
      .default(false)
      .describe('Whether a second cookie, with SameSite=None and Secure, goes with each AWSELB.'),
  })
  .superRefine((values, context) => {
    const refuse = refuseIn(context);
    checkPolicies(values, refuse);
    for (const [index, { CookieExpirationPeriod = 0 }] of values.policies.entries())
      if (CookieExpirationPeriod < 0)
        refuse(['policies', index, 'CookieExpirationPeriod'], 'at least 0 (ValidationError)');
  });

/** A load balancer keeps nothing and so forgets nothing; the session map keeps what clients bring within this time. */
const KEPT_S = 24 * 3_600;

export function awsAffinity(values: z.output<typeof aws>): WrittenAffinity {
  const policy = policyInUse(values);
  if (policy === undefined) return { type: 'none' };
  const twin = values.AWSELBCORS ? TWIN : undefined;
  return policy.CookieName === undefined
    ? durationBased(policy.CookieExpirationPeriod ?? 0, twin)
    : applicationControlled(policy.CookieName, twin);
}

/** The cookie is set once and never again while its endpoint serves, and nobody looks at how old it is. */
const durationBased = (seconds: number, twin: string | undefined): WrittenAffinity => ({
  type: 'cookie',
  name: NAME,
  cookie: {
    ...(seconds > 0 && { lifetime: 'permanent', maxAge: `${seconds}s` }),
    refresh: 'never',
    attributes: ['PATH', 'MAX-AGE'],
    twin,
  },
  idleTimeout: `${Math.max(seconds, KEPT_S)}s`,
  absoluteTimeout: NO_OTHER_END,
});

/** The application says how long its sessions live; only one that is not used for a week is forgotten before that. */
const applicationControlled = (name: string, twin: string | undefined): WrittenAffinity => ({
  type: 'app-cookie',
  name,
  companion: { name: NAME, twin },
  idleTimeout: '7d',
  absoluteTimeout: NO_OTHER_END,
});
