import { stringify } from 'yaml';
import { z } from 'zod';
import { escapeDollars } from './interpolate.ts';
import { redact } from './redact.ts';
import { type Config, configSchema } from './schema.ts';

/**
 * The configuration that the program runs with, every default written out, as YAML that {@link parseConfig} reads
 * back as the same configuration, but for the secrets, which are redacted.
 */
export const effectiveYaml = (config: Config): string => showableYaml(z.encode(configSchema, config));

/** The values of a configuration as its file gives them, as YAML, secrets redacted. */
export const showableYaml = (given: unknown): string =>
  stringify(withEscapedDollars(redact(given)), { lineWidth: 0, aliasDuplicateObjects: false });

function withEscapedDollars(value: unknown): unknown {
  if (typeof value === 'string') return escapeDollars(value);
  if (Array.isArray(value)) return value.map(withEscapedDollars);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withEscapedDollars(member)]));
}
