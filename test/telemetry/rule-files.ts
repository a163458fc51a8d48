import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const RULES = fileURLToPath(new URL('../../infra/prometheus/rules/', import.meta.url));

/** A rule of Prometheus: one that records, or one that alerts. */
export interface ReadRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export const readRules = (): readonly ReadRule[] =>
  readdirSync(RULES)
    .sort()
    .flatMap((file) => {
      const { groups } = parse(readFileSync(join(RULES, file), 'utf8')) as {
        groups: { rules: ReadRule[] }[];
      };
      return groups.flatMap(({ rules }) => rules);
    });

/**
 * What an alert looks at, whatever it says of it: its expression without thresholds, and of something that is to be missing the
 * thing itself.
 */
export const withoutThreshold = (expr: string): string =>
  expr.replaceAll(/\s(?:[<>]=?|==)\s+\d[\d.]*/g, ' ').replace(/^absent\((.*)\)$/, '$1');
