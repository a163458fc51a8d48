import { z } from 'zod';
import { cookieName, counted, YEAR_MS } from '../config/fields.ts';

/**
 * The stickiness policies of a Classic Load Balancer, by the names that its API (2012-06-01) has for their values, and with
 * its codes for what it refuses. A load balancer of Eucalyptus has the same policies and its own rules for them.
 */

const loadBalancerName = z
  .string()
  .min(1)
  .max(32)
  .optional()
  .describe('The load balancer that the policies belong to, where that is to be checked.');

/** A policy as `CreateLBCookieStickinessPolicy` or, with CookieName, as `CreateAppCookieStickinessPolicy` makes it. */
const policy = z.strictObject({
  PolicyName: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, 'letters, digits and "-" (ValidationError)')
    .describe('Unique among the policies of the load balancer.'),
  LoadBalancerName: loadBalancerName,
  CookieExpirationPeriod: counted(-YEAR_MS / 1_000, YEAR_MS / 1_000, 'seconds')
    .optional()
    .describe('Seconds that the cookie of the load balancer lasts.'),
  CookieName: cookieName
    .optional()
    .describe('The cookie of the application whose lifetime the cookie of the load balancer follows.'),
});

/** One stickiness policy. */
export type ElbPolicy = z.output<typeof policy>;

/** The keys of a profile that has these policies. */
export const elbPolicies = {
  LoadBalancerName: loadBalancerName,
  policies: z
    .array(policy)
    .max(100)
    .default([])
    .describe('The stickiness policies that have been created, whether or not they are in use.'),
  PolicyNames: z
    .array(z.string())
    .default([])
    .describe(
      'The policies in use, as SetLoadBalancerPoliciesOfListener sets them; a reload with another list replaces them. None: no stickiness.',
    ),
};

/** What {@link elbPolicies} hold. */
export interface ElbPolicies {
  readonly LoadBalancerName?: string | undefined;
  readonly policies: readonly ElbPolicy[];
  readonly PolicyNames: readonly string[];
}

/** The policy that is in use. */
export const policyInUse = ({ policies, PolicyNames: [inUse] }: ElbPolicies): ElbPolicy | undefined =>
  policies.find(({ PolicyName }) => PolicyName === inUse);

/** Says a reason to refuse policies, as the end of a sentence that begins with "expected". */
type Refuse = (path: readonly (string | number)[], expected: string) => void;

/** What both systems refuse. */
export function checkPolicies(
  { LoadBalancerName, policies, PolicyNames }: ElbPolicies,
  refuse: Refuse,
): void {
  const names = policies.map(({ PolicyName }) => PolicyName);
  for (const [index, created] of policies.entries()) {
    const path = (key: keyof ElbPolicy) => ['policies', index, key];
    if (names.indexOf(created.PolicyName) < index)
      refuse(path('PolicyName'), 'a name that no policy before it has (DuplicatePolicyName)');
    if (created.CookieName !== undefined && created.CookieExpirationPeriod !== undefined)
      refuse(path('CookieExpirationPeriod'), 'none beside CookieName (ValidationError)');
    if (created.LoadBalancerName !== LoadBalancerName && created.LoadBalancerName !== undefined)
      refuse(path('LoadBalancerName'), 'the LoadBalancerName of the profile (LoadBalancerNotFound)');
  }
  for (const [index, inUse] of PolicyNames.entries()) {
    if (!names.includes(inUse)) refuse(['PolicyNames', index], 'the name of a policy (PolicyNotFound)');
    else if (index > 0) refuse(['PolicyNames', index], `no second one: ${ONE_POLICY}`);
  }
}

const ONE_POLICY = 'only one cookie stickiness policy can be set (InvalidConfigurationRequest)';

/** The {@link Refuse} of a schema. */
export const refuseIn =
  (context: z.core.$RefinementCtx): Refuse =>
  (path, message) =>
    void context.addIssue({ code: 'custom', path: [...path], message });
