import { silentLogger } from '@holdfast/shared';
import type { HealthCheckConfig, OutlierDetectionConfig } from '@holdfast/shared/config';
import { ManualClock } from '@holdfast/shared/testing';
import { RoundRobin } from '../balance/round-robin.ts';
import { Pool, type PoolOptions } from '../pool/pool.ts';
import { shop, testEndpoint } from './endpoints.ts';

/** Two passes bring back, three failures take down, every two seconds: the defaults of the configuration. */
export const healthCheck: HealthCheckConfig = {
  path: '/healthz',
  interval: 2_000,
  timeout: 1_000,
  healthyAfter: 2,
  unhealthyAfter: 3,
  status: '2xx',
};

/** The defaults of the configuration. */
export const outlierDetection: OutlierDetectionConfig = {
  connectFailures: 1,
  consecutiveFailures: 3,
  ejectionTime: 10_000,
};

/** A pool `shop` of endpoints `a`, `b` and `c` in round robin, without health check unless one is given. */
export const testPool = (options: Partial<PoolOptions> = {}): Pool =>
  new Pool({
    name: shop,
    endpoints: ['a', 'b', 'c'].map((id) => testEndpoint(id)),
    selector: new RoundRobin(0),
    healthCheck: undefined,
    outlierDetection,
    clock: new ManualClock(),
    log: silentLogger,
    ...options,
  });
