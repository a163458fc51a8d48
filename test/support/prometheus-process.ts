import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { request } from 'undici';
import { Child } from './child.ts';
import { until } from './until.ts';

/** Whether this machine has Prometheus and its tool. */
export const hasPrometheus = ['prometheus', 'promtool'].every(
  (program) => spawnSync(program, ['--version']).error === undefined,
);

/** A series that a query has found: its labels, and what it is now. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus' answer to a query that it did not take. */
export interface QueryError {
  readonly error: string;
}

/** A rule as Prometheus goes by it. */
export interface RuleState {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly health: string;
  readonly lastError?: string;
  /** Of an alert: `inactive`, `pending` or `firing`. */
  readonly state?: string;
}

/** A real Prometheus of a test's own, on a free port. */
export class PrometheusProcess {
  readonly #origin: string;
  readonly #child: Child;

  /**
   * @param dir an existing folder, in which it keeps what it has
   * @param config its configuration; every JSON text is YAML
   */
  static async start(dir: string, config: object): Promise<PrometheusProcess> {
    const port = await freePort();
    const file = join(dir, 'prometheus.json');
    const data = join(dir, 'prometheus');
    await mkdir(data, { recursive: true });
    await writeFile(file, JSON.stringify(config));
    const child = new Child({
      name: 'prometheus',
      command: 'prometheus',
      args: [
        `--config.file=${file}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
    });
    const prometheus = new PrometheusProcess(`http://127.0.0.1:${port}`, child);
    await until('Prometheus is ready', async () => child.hasExited || (await prometheus.#isReady()));
    if (child.hasExited) throw new HoldfastError('INTERNAL', `Prometheus ended:\n${child.lines.join('\n')}`);
    return prometheus;
  }

  private constructor(origin: string, child: Child) {
    this.#origin = origin;
    this.#child = child;
  }

  /** What an expression is now. */
  async query(expr: string): Promise<readonly Sample[] | QueryError> {
    const answer = await this.#ask(`query?query=${encodeURIComponent(expr)}`);
    if (answer.error !== undefined) return { error: answer.error };
    const { resultType, result } = answer.data as {
      resultType: string;
      result:
        | readonly { metric: Sample['labels']; value: readonly [number, string] }[]
        | readonly [number, string];
    };
    if (resultType === 'scalar')
      return [{ labels: {}, value: Number((result as readonly [number, string])[1]) }];
    return (result as readonly { metric: Sample['labels']; value: readonly [number, string] }[]).map(
      ({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }),
    );
  }

  /** The values that a label has in some series. */
  async labelValues(series: string, label: string): Promise<readonly string[]> {
    const { data } = await this.#ask(`label/${label}/values?match[]=${encodeURIComponent(series)}`);
    return (data ?? []) as readonly string[];
  }

  async rules(): Promise<readonly RuleState[]> {
    const { data } = await this.#ask('rules');
    return (data as { groups: { rules: RuleState[] }[] }).groups.flatMap(({ rules }) => rules);
  }

  async close(): Promise<void> {
    await this.#child.end();
  }

  async #isReady(): Promise<boolean> {
    const answer = await request(`${this.#origin}/-/ready`, { reset: true }).catch(() => undefined);
    await answer?.body.dump();
    return answer?.statusCode === 200;
  }

  async #ask(path: string): Promise<{ readonly data?: unknown; readonly error?: string }> {
    const { body } = await request(`${this.#origin}/api/v1/${path}`);
    return (await body.json()) as { data?: unknown; error?: string };
  }
}
