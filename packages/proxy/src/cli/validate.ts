import type { Config } from '@holdfast/shared/config';
import { loadConfig, readConfigFile } from './config-file.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast validate` is told. */
export interface ValidateOptions {
  readonly config: string;
  readonly json?: boolean;
}

/** Says whether a configuration can be run with, and everything that speaks against it. */
export async function validate(
  { config: file, json }: ValidateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  if (json === true) return validateAsJson(file, terminal);
  const loaded = await loadConfig(file, terminal);
  if (loaded === undefined) return EXIT.usage;
  terminal.print(`${file} is valid: ${summary(loaded.config)}`);
  return EXIT.ok;
}

async function validateAsJson(file: string, terminal: Terminal): Promise<ExitCode> {
  const parsed = await readConfigFile(file, terminal);
  const isValid = parsed.kind === 'config';
  const problems = isValid ? [] : parsed.problems;
  const warnings = isValid ? parsed.warnings : [];
  terminal.print(JSON.stringify({ file, valid: isValid, problems, warnings }, undefined, 2));
  return isValid ? EXIT.ok : EXIT.usage;
}

function summary({ listeners, pools }: Config): string {
  const endpoints = pools.flatMap((pool) => pool.endpoints);
  return [counted(listeners, 'listener'), counted(pools, 'pool'), counted(endpoints, 'endpoint')].join(', ');
}

const counted = ({ length }: readonly unknown[], noun: string): string =>
  `${length} ${noun}${length === 1 ? '' : 's'}`;
