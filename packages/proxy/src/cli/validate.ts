import type { Config, ParsedConfig } from '@holdfast/shared/config';
import { loaded } from './config-file.ts';
import { type ConfigOptions, readNamed } from './config-options.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast validate` is told. */
export interface ValidateOptions extends ConfigOptions {
  readonly json?: boolean;
}

/** Says whether a configuration can be run with, and everything that speaks against it. */
export async function validate({ json, ...options }: ValidateOptions, terminal: Terminal): Promise<ExitCode> {
  const { file, parsed } = await readNamed(options, terminal);
  if (json === true) return printAsJson(file, parsed, terminal);
  const read = loaded(parsed, terminal);
  if (read === undefined) return EXIT.usage;
  terminal.print(`${file} is valid: ${summary(read.config)}`);
  return EXIT.ok;
}

function printAsJson(file: string, parsed: ParsedConfig, terminal: Terminal): ExitCode {
  const isValid = parsed.kind === 'config';
  const problems = isValid ? [] : parsed.problems;
  const warnings = isValid ? parsed.warnings : [];
  terminal.print(JSON.stringify({ file, valid: isValid, problems, warnings }, undefined, 2));
  return isValid ? EXIT.ok : EXIT.usage;
}

function summary({ listeners, pools }: Config): string {
  const endpoints = pools.flatMap((pool) => pool.endpoints);
  const discovered = pools.filter(({ discovery }) => discovery !== undefined);
  const parts = [counted(listeners, 'listener'), counted(pools, 'pool'), counted(endpoints, 'endpoint')];
  if (discovered.length > 0) parts.push(`those of ${counted(discovered, 'pool')} are discovered`);
  return parts.join(', ');
}

const counted = ({ length }: readonly unknown[], noun: string): string =>
  `${length} ${noun}${length === 1 ? '' : 's'}`;
