import type { z } from 'zod';
import type { WrittenAffinity } from '../config/affinity-schema.ts';
import { alb, albAffinity } from './alb.ts';
import { aws, awsAffinity } from './aws.ts';
import { eucalyptus, eucalyptusAffinity } from './eucalyptus.ts';
import { fsm, fsmAffinity } from './fsm.ts';
import { haproxy, haproxyAffinity } from './haproxy.ts';
import { huawei, huaweiAffinity } from './huawei.ts';
import { nginx, nginxAffinity } from './nginx.ts';

export { stickyConfig } from './fsm.ts';
export { readHaproxyCookie } from './haproxy-cookie.ts';
export { readStickSample, type StickSample, stickSource } from './haproxy-stick.ts';
export { haproxyTimeMs, haproxyWords } from './haproxy-words.ts';
export { huawei, huaweiTypesFor } from './huawei.ts';
export { hashedKey, ipHash } from './nginx-hash.ts';
export { learningSources } from './nginx-learn.ts';
export { type NginxCookie, type NginxLearn, type NginxSticky, readSticky } from './nginx-sticky.ts';
export { type NginxToken, nginxTokens } from './nginx-tokens.ts';
export { affinityOfSticky } from './nginx-translation.ts';
export { nginxBytes, nginxTimeMs } from './nginx-values.ts';
export { isRefused } from './refused.ts';

/**
 * Profiles: stickiness in the words of other systems. A profile is the schema of its system's own values and a pure
 * translation of them into the values that any affinity has; the path of a request knows no profile.
 */

/** What a file writes for each profile, told apart by `profile`. */
export const profiles = [alb, aws, eucalyptus, fsm, haproxy, huawei, nginx] as const;

type Profile = z.output<(typeof profiles)[number]>;

/** The affinity that a profile stands for, as a file would write it without one. */
export function affinityOfProfile(values: Profile): WrittenAffinity {
  switch (values.profile) {
    case 'alb':
      return albAffinity(values);
    case 'aws':
      return awsAffinity(values);
    case 'eucalyptus':
      return eucalyptusAffinity(values);
    case 'fsm':
      return fsmAffinity(values);
    case 'haproxy':
      return haproxyAffinity(values);
    case 'huawei':
      return huaweiAffinity(values);
    case 'nginx':
      return nginxAffinity(values);
  }
}
