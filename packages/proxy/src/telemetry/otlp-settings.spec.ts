import { nodeId } from '@holdfast/shared';
import { parseConfig, type TelemetryConfig } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { otlpSettings } from './otlp-settings.ts';
import { resourceAttributes } from './resource.ts';

function configOf(telemetry: object) {
  const text = JSON.stringify({
    cluster: { name: 'shop' },
    telemetry,
    listeners: [{ name: 'web', listen: ':0', pool: 'shop' }],
    pools: [{ name: 'shop', endpoints: [{ url: 'http://127.0.0.1:1' }] }],
  });
  const parsed = parseConfig(text, { file: 'test.yaml', environment: {} });
  if (parsed.kind === 'problems') expect.fail(JSON.stringify(parsed.problems));
  return parsed.config;
}

const telemetryOf = (telemetry: object = {}): TelemetryConfig => configOf(telemetry).telemetry;
const ENDPOINT = 'http://collector:4318';

describe('where telemetry is pushed', () => {
  it('is nowhere, where nobody names a collector', () => {
    expect(otlpSettings(telemetryOf(), {})).toBeUndefined();
  });

  it('is what the configuration says, whatever the environment does', () => {
    const telemetry = telemetryOf({
      otlp: { endpoint: 'https://collector/otlp/', headers: { authorization: 'x' }, timeout: '5s' },
      metrics: { interval: '15s' },
    });
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ENDPOINT,
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
      OTEL_METRIC_EXPORT_INTERVAL: '1',
    };
    expect(otlpSettings(telemetry, environment)).toEqual({
      metricsUrl: 'https://collector/otlp/v1/metrics',
      tracesUrl: 'https://collector/otlp/v1/traces',
      headers: { authorization: 'x' },
      timeoutMs: 5_000,
      intervalMs: 15_000,
    });
  });

  it('is else what the environment says, with one URL for all signals or one for each', () => {
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://tempo:4318/v1/traces',
      OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
    };
    expect(otlpSettings(telemetryOf(), environment)).toMatchObject({
      metricsUrl: 'http://collector:4318/v1/metrics',
      tracesUrl: 'http://tempo:4318/v1/traces',
      timeoutMs: 3_000,
      intervalMs: 5_000,
    });
  });

  it.each([
    [{ enabled: false }, {}],
    [{}, { OTEL_SDK_DISABLED: 'TRUE' }],
    [{}, { OTEL_METRICS_EXPORTER: 'none', OTEL_TRACES_EXPORTER: 'none' }],
  ])('is nowhere by %j and %j', (changes, environment) => {
    expect(
      otlpSettings(telemetryOf({ otlp: { endpoint: ENDPOINT }, ...changes }), environment),
    ).toBeUndefined();
  });

  it('leaves out the signal that the environment wants nowhere', () => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_METRICS_EXPORTER: 'none' };
    expect(otlpSettings(telemetryOf(), environment)).toMatchObject({
      metricsUrl: undefined,
      tracesUrl: 'http://collector:4318/v1/traces',
    });
  });

  it.each(['collector:4318', '', 'ftp://collector', 'http://'])(
    'is nowhere by an environment that says %j, and times that are none are passed over',
    (endpoint) => {
      expect(otlpSettings(telemetryOf(), { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toBeUndefined();
      for (const time of ['', 'soon', '-1', '0', '1.5']) {
        const environment = {
          OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT,
          OTEL_METRIC_EXPORT_INTERVAL: time,
          OTEL_EXPORTER_OTLP_TIMEOUT: time,
        };
        expect(otlpSettings(telemetryOf(), environment)).toMatchObject({
          intervalMs: 60_000,
          timeoutMs: 10_000,
        });
      }
    },
  );
});

describe('what is said of a node', () => {
  const of = (telemetry: object, environment = {}) =>
    resourceAttributes(configOf(telemetry), nodeId('node-1'), '1.2.3', environment);

  it('is its cluster, its release and its name', () => {
    expect(of({})).toEqual({
      'service.name': 'holdfast',
      'service.namespace': 'shop',
      'service.version': '1.2.3',
      'service.instance.id': 'node-1',
    });
  });

  it('is what the environment says besides, and what the configuration says before that', () => {
    const environment = {
      OTEL_SERVICE_NAME: 'gate',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other, team=a%20b ,region=eu,broken,worse=%,=x',
    };
    expect(of({ resource: { region: 'us' } }, environment)).toMatchObject({
      'service.name': 'gate',
      team: 'a b',
      region: 'us',
    });
    expect(of({}, environment)).not.toHaveProperty('worse');
  });

  it('leaves a node the name by which the others know it', () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: 'service.instance.id=somebody' };
    expect(of({}, environment)).toHaveProperty('service.instance.id', 'node-1');
  });
});
