import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser as logql } from '@grafana/lezer-logql';
import { parser as traceql } from '@grafana/lezer-traceql';
import type { LRParser } from '@lezer/lr';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { METRICS } from '../../packages/proxy/src/telemetry/metric-catalogue.ts';
import { prometheusLabel, prometheusName } from '../../packages/proxy/src/telemetry/prometheus-name.ts';
import { DASHBOARDS } from '../../scripts/dashboards/dashboards.ts';
import { ROOT } from '../architecture/source-file.ts';
import {
  fillVariables,
  panelsOf,
  queriesOf,
  type ReadDashboard,
  readDashboards,
  shownPanelsOf,
  variableQueriesOf,
} from './dashboard-files.ts';

const dashboards = readDashboards();

/** What Grafana itself puts in place of variables, and what a click adds. */
const ALWAYS = {
  __from: '1700000000000',
  __to: '1700003600000',
  __range: '1h',
  __rate_interval: '1m',
  __url_time_range: 'from=1700000000000&to=1700003600000',
};

/** A value for everything that a reader may choose on this dashboard. */
const chosenOn = ({ dashboard }: ReadDashboard) =>
  Object.fromEntries((dashboard.templating?.list ?? []).map(({ name }) => [name, 'shop-1']));

const labelsOfSeries = Object.fromEntries(
  METRICS.flatMap((metric) => {
    const labels = [...metric.attributes.map(prometheusLabel), 'job', 'instance'];
    const name = prometheusName(metric);
    const names =
      metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
    return names.map((each) => [each, labels] as const);
  }),
);

/** The series that an expression names, each with the labels that it asks for. */
const selectorsOf = (expr: string) =>
  [...expr.matchAll(/([a-z_0-9]+)\{([^}]*)\}/g)].map(([, series = '', matchers = '']) => ({
    series,
    labels: [...matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"/g)].map(([, label = '']) => label),
  }));

/** Where the links of all panels lead, with a value in every variable. */
const linksOf = (read: ReadDashboard) =>
  shownPanelsOf(read).flatMap((panel) =>
    ((panel.fieldConfig?.defaults.links ?? []) as { title: string; url: string }[]).map(({ title, url }) => ({
      where: `${read.file}: ${panel.title}: ${title}`,
      url: fillVariables(url, {
        ...ALWAYS,
        ...chosenOn(read),
        ...Object.fromEntries(
          [...url.matchAll(/\$\{(__field\.labels\.\w+)\}/g)].map(([, name = '']) => [name, '500']),
        ),
      }),
    })),
  );

interface Pane {
  readonly datasource: string;
  readonly queries: readonly { readonly query?: string; readonly expr?: string }[];
  readonly range: { readonly from: string; readonly to: string };
}

/** What a link opens in Explore; undefined for one that leads elsewhere. */
function paneOf(url: string): Pane | undefined {
  const panes = new URL(url, 'http://grafana').searchParams.get('panes');
  return panes === null ? undefined : (JSON.parse(panes) as { a: Pane }).a;
}

const panes = dashboards.flatMap((read) =>
  linksOf(read).flatMap(({ where, url }) => {
    const pane = paneOf(url);
    return pane === undefined
      ? []
      : [{ where, pane, query: pane.queries[0]?.query ?? pane.queries[0]?.expr ?? '' }];
  }),
);

function isUnderstood(parser: LRParser, text: string): boolean {
  let hasError = false;
  parser.parse(text).iterate({
    enter: ({ type }) => {
      hasError ||= type.isError;
    },
  });
  return !hasError;
}

describe('the dashboards', () => {
  it('are what the program in scripts/dashboards makes', () => {
    const committed = Object.fromEntries(dashboards.map(({ file, dashboard }) => [file, dashboard]));
    const made = Object.fromEntries(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard]));
    expect(committed, 'npm run dashboards').toEqual(JSON.parse(JSON.stringify(made)));
  });

  it('are four, each with a name of its own', () => {
    expect(dashboards.map(({ file }) => file)).toEqual([
      'holdfast-cluster',
      'holdfast-endpoint',
      'holdfast-overview',
      'holdfast-stickiness',
    ]);
    expect(new Set(dashboards.map(({ dashboard }) => dashboard.title)).size).toBe(dashboards.length);
  });

  it('show every metric that there is', () => {
    const shown = new Set(
      dashboards.flatMap(queriesOf).flatMap(({ expr }) => selectorsOf(expr).map(({ series }) => series)),
    );
    const isShown = (name: string): boolean => [...shown].some((series) => series.startsWith(name));
    // Two more percentiles of one thing.
    const left = METRICS.filter(({ name }) => !/^nodejs\.eventloop\.delay\.p[59]0$/.test(name));
    expect(left.map(prometheusName).filter((name) => !isShown(name))).toEqual([]);
  });
});

describe.each(dashboards)('the dashboard $file', (read) => {
  const { dashboard } = read;
  const panels = panelsOf(read);
  const shown = shownPanelsOf(read);

  it('has panels with numbers of their own, side by side without a hole, and none over another', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } = { x: 0, y: 0, w: 0, h: 0 } }) => {
      expect(w).toBeGreaterThan(0);
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)}:${y + Math.floor(cell / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    const height = Math.max(...panels.map(({ gridPos }) => (gridPos?.y ?? 0) + (gridPos?.h ?? 0)));
    expect(cells.length).toBe(24 * height);
  });

  it('has rows that ask a question or name a protocol, and fills them', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title = '' }) => title);
    expect(rows.filter((title) => !/\?$|^TCP and UDP$/.test(title))).toEqual([]);
    expect(
      panels.filter(({ type }, index) => type === 'row' && panels[index + 1]?.type !== 'row').length,
    ).toBe(rows.length);
  });

  it('says of every panel what it shows, in which unit, and asks the metrics that are chosen', () => {
    for (const { title, description, fieldConfig, targets = [], datasource } of shown) {
      expect(description, title).toMatch(/^[A-Z].{20,}\.$/);
      expect(fieldConfig?.defaults.unit, title).toBeTruthy();
      expect(targets.length, title).toBeGreaterThan(0);
      for (const asked of [datasource, ...targets.map((target) => target.datasource)]) {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's placeholder, as it stands in the file
        expect(asked, title).toEqual({ type: 'prometheus', uid: '${datasource}' });
      }
    }
    expect(new Set(shown.map(({ title }) => title)).size).toBe(shown.length);
  });

  it('uses variables that it has', () => {
    const values = { ...ALWAYS, ...chosenOn(read) };
    for (const { expr } of queriesOf(read)) expect(() => fillVariables(expr, values)).not.toThrow();
    for (const { series } of variableQueriesOf(read))
      expect(() => fillVariables(series, values)).not.toThrow();
  });

  it('asks of metrics of the catalogue, by labels that they have', () => {
    const asked = [
      ...queriesOf(read),
      ...variableQueriesOf(read).map(({ where, series }) => ({
        where,
        expr: series.includes('{') ? series : `${series}{}`,
      })),
    ].flatMap(({ where, expr }) => selectorsOf(expr).map((selector) => ({ where, ...selector })));
    expect(asked.length).toBeGreaterThan(shown.length);
    const wrong = asked.filter(
      ({ series, labels }) =>
        !labels.every((label) => labelsOfSeries[series]?.includes(label)) || !(series in labelsOfSeries),
    );
    expect(wrong).toEqual([]);
  });

  it('links to dashboards that there are, with variables that they have', () => {
    const found = linksOf(read).flatMap(({ where, url }) => {
      const { pathname, searchParams } = new URL(url, 'http://grafana');
      return pathname === '/explore' ? [] : [{ where, uid: pathname.slice('/d/'.length), searchParams }];
    });
    for (const { where, uid, searchParams } of found) {
      const target = dashboards.find(({ dashboard: { uid: candidate } }) => candidate === uid);
      expect(target, where).toBeDefined();
      const names = target?.dashboard.templating?.list?.map(({ name }) => `var-${name}`);
      for (const name of searchParams.keys()) {
        if (name.startsWith('var-')) expect(names, where).toContain(name);
      }
    }
    expect(dashboard.links?.[0]).toMatchObject({
      type: 'dashboards',
      tags: dashboard.tags,
      includeVars: true,
    });
  });
});

describe('the links behind panels', () => {
  it('lead to traces and to lines, at datasources that are provisioned, in the time that is shown', () => {
    const { datasources } = provisioned('datasources/holdfast.yaml') as {
      datasources: { uid: string; type: string }[];
    };
    expect(datasources.map(({ uid, type }) => [uid, type])).toEqual([
      ['prometheus', 'prometheus'],
      ['tempo', 'tempo'],
      ['loki', 'loki'],
    ]);
    const counts = { tempo: 0, loki: 0 };
    for (const { pane, where } of panes) {
      expect(pane.range, where).toEqual({ from: ALWAYS.__from, to: ALWAYS.__to });
      counts[pane.datasource as keyof typeof counts] += 1;
    }
    expect(counts.tempo).toBeGreaterThan(10);
    expect(counts.loki).toBeGreaterThan(10);
  });

  it('are understood by the grammars of TraceQL and LogQL', () => {
    expect(isUnderstood(traceql, '{ span.holdfast.endpoint = }')).toBe(false);
    expect(isUnderstood(logql, '{service_name="holdfast"} | jsn')).toBe(false);
    const wrong = panes.filter(
      ({ pane, query }) =>
        query === '' || !isUnderstood(pane.datasource === 'tempo' ? traceql : logql, query),
    );
    expect(wrong.map(({ where, query }) => `${where}: ${query}`)).toEqual([]);
  });

  it('ask for attributes that spans have', () => {
    const folder = join(ROOT, 'packages/proxy/src/tracing');
    const program = readdirSync(folder)
      .filter((name) => !name.endsWith('.spec.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const asked = new Set(
      panes.flatMap(({ query }) => [...query.matchAll(/span\.([\w.]+)/g)].map(([, name = '']) => name)),
    );
    expect(asked.size).toBeGreaterThan(5);
    expect([...asked].filter((name) => !program.includes(`'${name}'`))).toEqual([]);
  });

  it('ask for fields that lines of the log have', () => {
    const accessLog = readFileSync(join(ROOT, 'packages/proxy/src/record/access-log.ts'), 'utf8');
    const asked = new Set(
      panes
        .filter(({ pane }) => pane.datasource === 'loki')
        .flatMap(({ query }) => [...query.matchAll(/\| (\w+)(?:=~|!~|!=|=)/g)].map(([, name = '']) => name)),
    );
    expect(asked.size).toBeGreaterThan(4);
    expect([...asked].filter((name) => name !== 'msg' && !accessLog.includes(`"${name}":`))).toEqual([]);
  });
});

describe('the provisioning of dashboards', () => {
  it('loads the folder into which they are to be mounted', () => {
    const { providers } = provisioned('dashboards/holdfast.yaml') as {
      providers: { type: string; options: { path: string } }[];
    };
    expect(providers.map(({ type, options }) => [type, options.path])).toEqual([
      ['file', '/etc/holdfast/dashboards'],
    ]);
    expect(existsSync(join(ROOT, 'infra/grafana/dashboards'))).toBe(true);
  });
});

function provisioned(file: string): unknown {
  return parse(readFileSync(join(ROOT, 'infra/grafana/provisioning', file), 'utf8'));
}
