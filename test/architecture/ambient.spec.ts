import { describe, expect, it } from 'vitest';
import { type SourceFile, sourceFiles } from './source-file.ts';

/** What a file may not take from the air, and where it gets it instead. */
interface AmbientRule {
  readonly name: string;
  readonly why: string;
  readonly forbidden: RegExp;
  readonly allowedIn: RegExp;
}

const RULES: readonly AmbientRule[] = [
  {
    name: 'time comes in as an argument',
    why: 'take a Clock (packages/shared/src/clock.ts): what reads the time by itself cannot be tested at another time. process-metrics.ts asks Node for what it measures of the process, not for the time',
    forbidden:
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\s*\.|\bset(?:Timeout|Interval)\b|node:timers|node:perf_hooks/,
    allowedIn: /^packages\/(?:shared\/src\/clock|proxy\/src\/telemetry\/process-metrics)\.ts$/,
  },
  {
    name: 'randomness comes in as an argument',
    why: 'take a Random (packages/shared/src/random.ts): a decision that rolls its own dice cannot be repeated',
    forbidden: /\bMath\.random\b|\brandom(?:Bytes|FillSync|Fill|Int|UUID)\b|\bgetRandomValues\b/,
    allowedIn: /^packages\/shared\/src\/random\.ts$/,
  },
  {
    name: 'the environment is read at the entry',
    why: 'main.ts hands the environment in; a part that reads it has a setting that no configuration shows',
    forbidden: /\bprocess\.env\b/,
    allowedIn: /^packages\/proxy\/src\/(?:main\.ts|cli\/|demo\/)/,
  },
  {
    name: 'there are no default exports',
    why: 'a thing has one name, the same wherever it is imported',
    forbidden: /\bexport\s+default\b|\bexport\s*\{[^}]*\bas\s+default\b/,
    allowedIn: /^$/,
  },
  {
    name: 'nothing is thrown but HoldfastError',
    why: 'a handler must find code, source and retryability on it (packages/shared/src/errors.ts)',
    forbidden: /\bnew (?:Type|Range|Syntax|Aggregate)?Error\(/,
    allowedIn: /^$/,
  },
];

const files = sourceFiles('packages');

const findings = ({ path, code }: SourceFile, forbidden: RegExp): readonly string[] =>
  code.split('\n').flatMap((line) => (forbidden.test(line) ? [`${path}: ${line.trim()}`] : []));

describe('the program', () => {
  for (const { name, why, forbidden, allowedIn } of RULES) {
    it(`obeys the rule: ${name}`, () => {
      const others = files.filter(({ path }) => !allowedIn.test(path));
      expect(
        others.flatMap((file) => findings(file, forbidden)),
        why,
      ).toEqual([]);
    });
  }
});
