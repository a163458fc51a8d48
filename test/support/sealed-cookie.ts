import { clusterName, endpointId, poolName, systemClock, systemRandom } from '@holdfast/shared';
import { CookieSeal, endpointTagOf } from '../../packages/proxy/src/affinity/cookie-seal.ts';
import { SECRET } from './node-config.ts';

/** How a cookie differs from a good one of the cluster `test` for its pool `shop`. */
export interface CookieDeviations {
  readonly secret?: string;
  readonly cluster?: string;
  readonly pool?: string;
  readonly cookieName?: string;
  /** Age of the session. */
  readonly startedAgoMs?: number;
  /** Age of the cookie; negative: from the future. */
  readonly issuedAgoMs?: number;
  readonly endpoint?: string;
}

/** A genuine cookie for a new session at an endpoint, sealed outside of any node. */
export function sealCookie(deviations: CookieDeviations = {}): string {
  const { issuedAgoMs = 0, startedAgoMs = Math.max(0, issuedAgoMs), endpoint = 'shop-2' } = deviations;
  const nowMs = systemClock.now();
  return sealOf(deviations).seal({
    sessionId: systemRandom().bytes(16),
    endpointTag: endpointTagOf(endpointId(poolName('shop'), endpoint)),
    version: 1,
    startedAtMs: nowMs - startedAgoMs,
    issuedAtMs: nowMs - issuedAgoMs,
  });
}

/** What is inside a cookie; undefined if it was not sealed with that secret. */
export const openCookie = (cookie: string, secret = SECRET) => sealOf({ secret }).open(cookie);

function sealOf({
  secret = SECRET,
  cluster = 'test',
  pool = 'shop',
  cookieName = '_srv_id',
}: CookieDeviations): CookieSeal {
  const scope = { cluster: clusterName(cluster), pool: poolName(pool), cookieName };
  return new CookieSeal([secret], scope, systemRandom());
}
