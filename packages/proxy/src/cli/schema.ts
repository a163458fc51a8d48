import { configJsonSchema } from '@holdfast/shared/config';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** Shows the JSON Schema of the configuration file, for editors. */
export function schema(terminal: Terminal): ExitCode {
  terminal.print(JSON.stringify(configJsonSchema(), undefined, 2));
  return EXIT.ok;
}
