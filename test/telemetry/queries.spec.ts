import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasPrometheus, type QueryError, type Sample } from '../support/prometheus-process.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { fillVariables, queriesOf, readDashboards, variableQueriesOf } from './dashboard-files.ts';
import { JOBS, ObservedCluster } from './observed-cluster.ts';
import { readRules, withoutThreshold } from './rule-files.ts';

/** How long a series may take to show after what it counts has happened. */
const PATIENCE_MS = 15_000;

if (!hasPrometheus)
  process.stderr.write('\nno Prometheus: the queries of dashboards and alerts are SKIPPED\n');

/** A question, what it must answer, and where it stands. */
interface Question {
  readonly where: string;
  readonly expr: string;
  /** Labels of which each is to be in some series of the answer. */
  readonly labels: readonly string[];
}

const labelsIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, label = '']) => label);

/** What all panels ask, with everything chosen that can be. */
const questionsOfPanels = (job: string): readonly Question[] =>
  readDashboards()
    .flatMap(queriesOf)
    .map(({ where, expr, legend }) => ({
      where,
      expr: fillVariables(expr, {
        job,
        node: '.*',
        pool: '.*',
        endpoint: '.*',
        __rate_interval: '10s',
        __range: '1m',
      }),
      labels: labelsIn(legend, /\{\{(\w+)\}\}/g),
    }));

const RULES = readRules();

/** What the rules look at, whether or not it is bad. */
const questionsOfRules: readonly Question[] = RULES.map(({ alert, record, expr, annotations = {} }) => ({
  where: alert ?? record ?? '',
  expr: alert === undefined ? expr : withoutThreshold(expr),
  labels: labelsIn(Object.values(annotations).join(), /\$labels\.(\w+)/g),
}));

/** What is wrong with an answer; undefined if nothing is. */
function complaintAbout(
  { where, expr, labels }: Question,
  answer: readonly Sample[] | QueryError,
): string | undefined {
  if ('error' in answer) return `${where}: ${answer.error} in ${expr}`;
  if (!answer.some(({ value }) => Number.isFinite(value))) return `${where}: no data for ${expr}`;
  const missing = labels.filter((label) => !answer.some((sample) => (sample.labels[label] ?? '') !== ''));
  return missing.length === 0 ? undefined : `${where}: no ${missing.join()} in the answer to ${expr}`;
}

describe.skipIf(!hasPrometheus)('a Prometheus that watches a cluster in trouble', () => {
  const stage = useStage('file');
  let cluster: ObservedCluster;

  beforeAll(async () => {
    cluster = new ObservedCluster(stage());
    await cluster.start();
  });
  afterAll(() => cluster.close());

  /** Asks all questions until each has its answer, and answers with what is wrong at last. */
  async function complaints(questions: readonly Question[]): Promise<readonly string[]> {
    let open = questions;
    let last: readonly string[] = [];
    await until(
      'every question has an answer',
      async () => {
        const asked = await Promise.all(
          open.map(async (question) => ({
            question,
            complaint: complaintAbout(question, await cluster.prometheus.query(question.expr)),
          })),
        );
        const wrong = asked.filter(({ complaint }) => complaint !== undefined);
        open = wrong.map(({ question }) => question);
        last = wrong.flatMap(({ complaint = '' }) => complaint);
        return open.length === 0;
      },
      PATIENCE_MS,
    ).catch(() => undefined);
    return last;
  }

  it.each(Object.entries(JOBS))(
    'has data for every query of every panel, of metrics that are %s',
    async (_, job) => {
      const questions = questionsOfPanels(job);
      expect(questions.length).toBeGreaterThan(80);
      expect(await complaints(questions)).toEqual([]);
    },
  );

  it('has values for every variable', async () => {
    const asked = readDashboards().flatMap(variableQueriesOf);
    const values = await Promise.all(
      asked.map(async ({ where, series, label }) => ({
        where,
        values: await cluster.prometheus.labelValues(
          fillVariables(series, { job: JOBS.scraped, pool: 'shop' }),
          label,
        ),
      })),
    );
    expect(values.filter(({ values: found }) => found.length === 0)).toEqual([]);
    const of = (name: string) => values.find(({ where }) => where === `holdfast-endpoint: $${name}`)?.values;
    expect(of('node')).toEqual(['node-1', 'node-2', 'node-3']);
    expect(of('pool')).toEqual(['lines', 'shop']);
    expect(of('endpoint')).toEqual(['shop/shop-1', 'shop/shop-2', 'shop/shop-3']);
  });

  it('goes by every rule, and sees what each of them looks at', async () => {
    expect(await complaints(questionsOfRules)).toEqual([]);
    const states = await cluster.prometheus.rules();
    expect(states.filter(({ health }) => health !== 'ok')).toEqual([]);
    const names = RULES.map(({ alert, record }) => alert ?? record);
    expect(states.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  it('says what is the case', async () => {
    const value = async (expr: string): Promise<unknown> => {
      const answer = await cluster.prometheus.query(expr);
      return 'error' in answer ? answer.error : answer.map(({ value: found }) => found);
    };
    const standing = (endpoint: string): string =>
      fillVariables(panelExpr('holdfast-endpoint: Standing'), {
        ...{ job: JOBS.scraped, node: '.*', pool: 'shop' },
        endpoint: `shop/${endpoint}`,
      });
    // serving, draining, down: by their numbers on the panel
    expect(await value(standing('shop-1'))).toEqual([0]);
    expect(await value(standing('shop-2'))).toEqual([1]);
    expect(await value(standing('shop-3'))).toEqual([3]);
    expect(await value(`holdfast_cluster_configurations{job="${JOBS.pushed}"}`)).toEqual([1, 1, 1]);
    const pending = (await cluster.prometheus.rules()).filter(
      ({ state }) => state === 'pending' || state === 'firing',
    );
    expect(pending.map(({ name }) => name)).toContain('HoldfastEndpointDown');
    expect(pending.map(({ name }) => name)).not.toContain('HoldfastPoolDown');
  });

  it('notices a query that is wrong', async () => {
    const question = (expr: string, label: string): Question => ({ where: 'here', expr, labels: [label] });
    const series = 'holdfast_affinity_lookups_total';
    for (const [expr, label] of [
      [`sum by (holdfast_pool) (rate(${series}[10s])`, 'holdfast_pool'],
      [`sum by (holdfast_pool) (rate(${series}x[10s]))`, 'holdfast_pool'],
      [`sum by (holdfast_pols) (rate(${series}[10s]))`, 'holdfast_pols'],
    ] as const) {
      expect(complaintAbout(question(expr, label), await cluster.prometheus.query(expr))).toBeDefined();
    }
  });
});

const panelExpr = (where: string): string =>
  readDashboards()
    .flatMap(queriesOf)
    .find((query) => query.where === where)?.expr ?? '';
