import { HoldfastError } from '@holdfast/shared';
import { describeError } from './cli/error-text.ts';
import { runCommand } from './cli/program.ts';
import { EXIT, type Terminal } from './cli/terminal.ts';

const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);

const terminal: Terminal = {
  environment: process.env,
  print: (text) => void process.stdout.write(line(text)),
  complain: (text) => void process.stderr.write(line(text)),
};

async function main(): Promise<number> {
  try {
    return await runCommand(process.argv.slice(2), terminal);
  } catch (error) {
    terminal.complain(describeError(HoldfastError.from(error)));
    return EXIT.failure;
  }
}

process.exit(await main());
