import { describe, expect, it } from 'vitest';
import type { HealthCheckState } from '../health/health-check.ts';
import type { OutlierState } from '../health/outlier-detection.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import type { EndpointStanding } from './endpoint.ts';

const passing: HealthCheckState = { kind: 'passing', failures: 2 };
const failing: HealthCheckState = { kind: 'failing', passes: 1 };
const trusted: OutlierState = { kind: 'trusted', connectFailures: 0, requestFailures: 2 };
const onTrial: OutlierState = { kind: 'on-trial' };
const ejected: OutlierState = { kind: 'ejected', untilMs: 0 };

describe('the standing of an endpoint', () => {
  it('is serving from the start', () => {
    expect(testEndpoint('a').standing).toBe('serving');
  });

  it.each<[HealthCheckState, OutlierState, number | undefined, EndpointStanding]>([
    [passing, trusted, undefined, 'serving'],
    [passing, onTrial, undefined, 'serving'],
    [failing, trusted, undefined, 'down'],
    [passing, ejected, undefined, 'down'],
    [failing, ejected, undefined, 'down'],
    [passing, trusted, 1, 'draining'],
    [failing, trusted, 1, 'down'],
    [passing, ejected, 1, 'down'],
  ])('of checks %j, requests %j, draining since %s, is %s', (check, outlier, drainingSinceMs, standing) => {
    const endpoint = Object.assign(testEndpoint('a'), { check, outlier, drainingSinceMs });
    expect(endpoint.standing).toBe(standing);
  });
});

describe('new sessions', () => {
  it('come to an endpoint that serves', () => {
    expect(testEndpoint('a').takesNewSessions).toBe(true);
  });

  it.each([
    ['has weight 0', testEndpoint('a', 0)],
    ['drains', Object.assign(testEndpoint('a'), { drainingSinceMs: 1 })],
    ['is down', Object.assign(testEndpoint('a'), { check: failing })],
  ])('do not come to an endpoint that %s', (_, endpoint) => {
    expect(endpoint.takesNewSessions).toBe(false);
  });
});
