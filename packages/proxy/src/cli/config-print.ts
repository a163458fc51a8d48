import { effectiveYaml, showableYaml } from '@holdfast/shared/config';
import { loadConfig } from './config-file.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast config print` is told. */
export interface ConfigPrintOptions {
  readonly config: string;
  readonly effective?: boolean;
}

/** Shows a configuration with references replaced and secrets redacted: as given, or with every default written out. */
export async function configPrint(
  { config: file, effective }: ConfigPrintOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const loaded = await loadConfig(file, terminal);
  if (loaded === undefined) return EXIT.usage;
  terminal.print(effective === true ? effectiveYaml(loaded.config) : showableYaml(loaded.given));
  return EXIT.ok;
}
