import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { anchorsOf } from '../architecture/markdown.ts';
import { ROOT } from '../architecture/source-file.ts';
import { readRules } from './rule-files.ts';

const PROMETHEUS = join(ROOT, 'infra/prometheus');
const rules = readRules();
const alerts = rules.filter(({ alert }) => alert !== undefined);

/** When an alert is expected to fire, and when not. */
interface AlertTest {
  readonly alertname: string;
  readonly exp_alerts?: readonly unknown[];
}

const tests = readdirSync(join(PROMETHEUS, 'tests')).flatMap((file) => {
  const { tests: groups } = parse(readFileSync(join(PROMETHEUS, 'tests', file), 'utf8')) as {
    tests: { alert_rule_test: AlertTest[] }[];
  };
  return groups.flatMap(({ alert_rule_test }) => alert_rule_test);
});

const promtool = (...args: readonly string[]) =>
  spawnSync('promtool', args, { cwd: PROMETHEUS, encoding: 'utf8' });
const hasPromtool = promtool('--version').error === undefined;

const filesOf = (folder: string): readonly string[] =>
  readdirSync(join(PROMETHEUS, folder)).map((file) => join(folder, file));

describe.skipIf(!hasPromtool)('the alerts, as promtool sees them', () => {
  it('are rules that Prometheus takes, in a configuration that it takes', () => {
    const { status, stdout, stderr } = promtool('check', 'config', 'prometheus.yaml');
    expect(status, stdout + stderr).toBe(0);
  });

  it('fire when they should, and not before', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', ...filesOf('tests'));
    expect(status, stdout + stderr).toBe(0);
  });
});

describe('the alerts', () => {
  it('are each tested both ways', () => {
    const names = alerts.map(({ alert }) => alert);
    const isTested = (name: string | undefined, fires: boolean): boolean =>
      tests.some(({ alertname, exp_alerts = [] }) => alertname === name && exp_alerts.length > 0 === fires);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !isTested(name, true) || !isTested(name, false))).toEqual([]);
  });

  it('say how bad it is, what it is, and in which section of the guide to go on', () => {
    const guide = 'docs/guides/incidents.md';
    const sections = anchorsOf(readFileSync(join(ROOT, guide), 'utf8'));
    for (const { alert, labels, annotations } of alerts) {
      expect(labels?.severity, alert).toMatch(/^(?:critical|warning)$/);
      expect(annotations?.summary, alert).toMatch(/^[A-Z].{20,}[^.]$/);
      expect(annotations?.description, alert).toMatch(/\.$/);
      const [page, section] = annotations?.runbook?.split('#') ?? [];
      expect(page, alert).toBe(guide);
      expect(section, alert).toBe(alert?.toLowerCase());
      expect(sections, alert).toContain(section);
    }
  });

  it('are all that the guide has sections for', () => {
    const sections = anchorsOf(readFileSync(join(ROOT, 'docs/guides/incidents.md'), 'utf8'));
    expect(sections.filter((section) => section.startsWith('holdfast'))).toEqual(
      alerts.map(({ alert = '' }) => alert.toLowerCase()),
    );
  });
});
