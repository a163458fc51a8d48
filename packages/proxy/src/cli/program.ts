import { Argument, Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { DEFAULT_CONFIG_FILE } from './config-file.ts';
import type { ConfigOptions } from './config-options.ts';
import { type ConfigPrintOptions, configPrint } from './config-print.ts';
import { addDemoCommands } from './demo-commands.ts';
import { type HealthcheckOptions, healthcheck } from './healthcheck.ts';
import { IMPORT_FORMATS, type ImportFormat, type ImportOptions, importConfig } from './import.ts';
import { addOperatorCommands } from './operator-commands.ts';
import { type ReloadOptions, reload } from './reload.ts';
import { run } from './run.ts';
import { schema } from './schema.ts';
import { EXIT, type Terminal } from './terminal.ts';
import { type ValidateOptions, validate } from './validate.ts';
import { worker } from './worker.ts';

/** Runs the command that the arguments name, and answers with its exit code. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // The help that was asked for ends with 0 and is no error; everything else that the parser says is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    throw error;
  }
}

/** The grammar of the command line. What each command does is in the file of its name. */
export function createProgram(terminal: Terminal, finish: (exitCode: number) => void): Command {
  const program = new Command('holdfast')
    .description('A cluster-aware reverse proxy that keeps every session on its endpoint.')
    .version(manifest.version)
    .exitOverride()
    .configureOutput({ writeOut: terminal.print, writeErr: terminal.complain })
    .showHelpAfterError('(holdfast --help lists the commands, holdfast COMMAND --help their options)');

  const withConfig = (command: Command): Command =>
    command
      .option('-c, --config <file>', `configuration file (default: "${DEFAULT_CONFIG_FILE}")`)
      .option(
        '--gateway-yaml <file>',
        'Gateway, HTTPRoute and SessionStickyPolicy in place of listeners and pools; needs --services',
      )
      .option(
        '--services <file>',
        'where the endpoints of their Services are: namespace/name:port: [host:port, ...]',
      );

  withConfig(program.command('run').description('run a node until SIGTERM or SIGINT')).action(
    async (options: ConfigOptions) => finish(await run(options, terminal)),
  );
  withConfig(
    program.command('validate').description('check a configuration and say everything that is wrong'),
  )
    .option('--json', 'print the result as JSON')
    .action(async (options: ValidateOptions) => finish(await validate(options, terminal)));
  withConfig(
    program
      .command('config')
      .description('work with a configuration')
      .command('print')
      .description('print a configuration, variables replaced and secrets redacted'),
  )
    .option('--effective', 'with every default written out')
    .action(async (options: ConfigPrintOptions) => finish(await configPrint(options, terminal)));
  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .action(() => finish(schema(terminal)));
  addDemoCommands(program, terminal, finish);
  program
    .command('import')
    .description("print another program's configuration as one of Holdfast, and say what it leaves out")
    .addArgument(new Argument('<format>', 'whose configuration it is').choices(IMPORT_FORMATS))
    .argument('<file>', 'the configuration')
    .option('--json', 'print configuration and notes as JSON')
    .action(async (format: ImportFormat, file: string, options: ImportOptions) =>
      finish(await importConfig(format, file, options, terminal)),
    );
  const withAdmin = (command: Command): Command =>
    command
      .option(
        '-c, --config <file>',
        `configuration that names the admin listener (default: "${DEFAULT_CONFIG_FILE}")`,
      )
      .option('--url <url>', 'admin listener, such as http://127.0.0.1:9900');

  withAdmin(
    program.command('reload').description('have a running node read its configuration again, all or nothing'),
  )
    .option('--json', 'print the answer as JSON')
    .action(async (options: ReloadOptions) => finish(await reload(options, terminal)));
  withAdmin(
    program.command('healthcheck').description('ask a node whether it is ready: exit 0 if it is, 1 if not'),
  )
    .option('--wait <duration>', 'for how long it may still become ready. Default: not at all')
    .action(async (options: HealthcheckOptions) => finish(await healthcheck(options, terminal)));
  addOperatorCommands(program, withAdmin, terminal, finish);
  program
    .command('worker', { hidden: true })
    .description('serve as one of the workers of a node; started by run')
    .action(async () => finish(await worker(terminal)));
  return program;
}
