import { type ListenAddress, parseListenAddress } from '@holdfast/shared/config';
import { type Command, InvalidArgumentError } from 'commander';
import {
  type DemoEndpointOptions,
  type DemoOptions,
  type DemoRecordsOptions,
  type DemoVisitorsOptions,
  demo,
  demoEndpoint,
  demoRecords,
  demoVisitors,
} from './demo.ts';
import type { Terminal } from './terminal.ts';

/** Adds the demo, and its parts by themselves, for a demo of several machines such as that in infra/compose. */
export function addDemoCommands(
  program: Command,
  terminal: Terminal,
  finish: (exitCode: number) => void,
): void {
  const commands = program
    .command('demo')
    .description('start nodes, endpoints and a page that shows what happens to sessions')
    .option('--once', 'tell the story once, without a page, and end')
    .action(async (options: DemoOptions) => finish(await demo(options)));
  commands
    .command('endpoint')
    .description('serve the shop of the demo, whose carts are in the memory of this process')
    .requiredOption('--id <id>', 'its name on the page')
    .requiredOption('--listen <address>', 'such as 0.0.0.0:8080', addressOf)
    .action(async (options: DemoEndpointOptions) => finish(await demoEndpoint(options, terminal)));
  commands
    .command('visitors')
    .description('visit the shop as browsers would, and tell whose cart was not as they had left it')
    .argument('<url>', 'of the shop; what its name stands for is asked as often as DNS says', urlOf)
    .option('--visitors <count>', 'how many at a time', numberOf, 50)
    .option('--rate <visits>', 'visits of all of them in a second', numberOf, 25)
    .option('--tries <addresses>', 'how many addresses of the name each of them tries', numberOf, 3)
    .action(async (url: URL, options: DemoVisitorsOptions) =>
      finish(await demoVisitors(url, options, terminal)),
    );
  commands
    .command('records')
    .description('keep a hosts file, for a name server, in which a name stands for the nodes that are ready')
    .argument('<name>', 'such as shop.test')
    .argument('<nodes...>', 'their admin listeners by address, such as http://10.0.0.1:9900', urlsOf)
    .requiredOption('--file <file>', 'the hosts file')
    .action(async (name: string, nodes: readonly URL[], options: DemoRecordsOptions) =>
      finish(await demoRecords(name, nodes, options, terminal)),
    );
}

function addressOf(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address === undefined) throw new InvalidArgumentError('expected an address such as 0.0.0.0:8080.');
  return address;
}

function urlOf(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:8080.');
  return new URL(text);
}

const urlsOf = (text: string, before: readonly URL[] = []): readonly URL[] => [...before, urlOf(text)];

function numberOf(text: string): number {
  const number = Number(text);
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('expected a number above 0.');
  return number;
}
