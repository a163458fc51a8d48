import { effectiveYaml, showableYaml } from '@holdfast/shared/config';
import { loaded } from './config-file.ts';
import { type ConfigOptions, readNamed } from './config-options.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast config print` is told. */
export interface ConfigPrintOptions extends ConfigOptions {
  readonly effective?: boolean;
}

/** Shows a configuration with references replaced and secrets redacted: as given, or with every default written out. */
export async function configPrint(
  { effective, ...options }: ConfigPrintOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { parsed } = await readNamed(options, terminal);
  const read = loaded(parsed, terminal);
  if (read === undefined) return EXIT.usage;
  terminal.print(effective === true ? effectiveYaml(read.config) : showableYaml(read.given));
  return EXIT.ok;
}
