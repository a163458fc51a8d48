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

/** Waits until a reader has taken what was printed, or is gone: a pipe holds 64 KiB, and an exit drops what is beyond. */
const flush = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableLength === 0) return resolve();
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });

const exitCode = await main();
await Promise.all([flush(process.stdout), flush(process.stderr)]);
process.exit(exitCode);
