import type { Command } from 'commander';
import type { AskOptions } from './admin-client.ts';
import { type AddOptions, addEndpoint, type RemoveOptions, removeEndpoint } from './endpoint-additions.ts';
import { type DrainOptions, drainEndpoint, listEndpoints, undrainEndpoint } from './endpoints.ts';
import { type ExplainOptions, explain } from './explain.ts';
import { leave } from './leave.ts';
import { type RebalanceOptions, rebalance } from './rebalance.ts';
import { getSession, type ListSessionsOptions, listSessions, moveSession, unpinSession } from './sessions.ts';
import { status } from './status.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Adds the commands by which operators look at a running node, and steer it. */
export function addOperatorCommands(
  program: Command,
  withAdmin: (command: Command) => Command,
  terminal: Terminal,
  finish: (exitCode: ExitCode) => void,
): void {
  const asking = (parent: Command, usage: string, description: string): Command =>
    withAdmin(parent.command(usage).description(description)).option('--json', 'print the answer as JSON');

  asking(program, 'status', 'what a node says of itself').action(async (options: AskOptions) =>
    finish(await status(options, terminal)),
  );

  asking(
    program,
    'leave',
    'have a node leave: it sends its clients elsewhere and serves on; ends when nobody finds it any more',
  ).action(async (options: AskOptions) => finish(await leave(options, terminal)));

  const endpoints = program.command('endpoints').description('see endpoints, and take them out of service');
  asking(endpoints, 'list', 'who serves, and what is left at those that drain').action(
    async (options: AskOptions) => finish(await listEndpoints(options, terminal)),
  );
  asking(endpoints, 'drain <endpoint>', 'give an endpoint no new sessions, on all nodes')
    .option('--deadline <duration>', 'when to let go of the sessions that it has. Default: never')
    .option('--wait [duration]', 'wait until nobody would notice its end. Default: 10m')
    .action(async (id: string, options: DrainOptions) => finish(await drainEndpoint(id, options, terminal)));
  asking(endpoints, 'undrain <endpoint>', 'give an endpoint new sessions again').action(
    async (id: string, options: AskOptions) => finish(await undrainEndpoint(id, options, terminal)),
  );

  const askingEach = (usage: string, description: string): Command =>
    endpoints
      .command(usage)
      .description(description)
      .option('-c, --config <file>', 'configuration that names the admin listener')
      .option(
        '--url <urls...>',
        'admin listeners of the nodes, such as http://10.0.0.1:9900 http://10.0.0.2:9900',
      )
      .option('--json', 'print the answers as JSON');
  askingEach(
    'add <pool> <address>',
    'add an endpoint, such as http://10.0.0.9:8080, to a pool of running nodes',
  )
    .option('--id <id>', 'its id in the pool. Default: host and port')
    .option('--weight <weight>', 'its share of new sessions. Default: 1')
    .option('--backup', 'only for when no other endpoint takes new sessions')
    .option(
      '--max-connections <count>',
      'requests that a node has under way there. Default: as the pool says',
    )
    .action(async (pool: string, address: string, options: AddOptions) =>
      finish(await addEndpoint(pool, address, options, terminal)),
    );
  askingEach('remove <endpoint>', 'remove an endpoint that was added, once it is drained')
    .option('--force', 'even if somebody would notice')
    .action(async (id: string, options: RemoveOptions) =>
      finish(await removeEndpoint(id, options, terminal)),
    );

  const sessions = program.command('sessions').description('see where sessions are, and move them');
  asking(sessions, 'list', 'sessions by their keys')
    .option('--endpoint <endpoint>', 'only those of this endpoint')
    .option('--limit <count>', 'how many at most, up to 1000. Default: 100')
    .option('--cursor <cursor>', 'where to go on')
    .action(async (options: ListSessionsOptions) => finish(await listSessions(options, terminal)));
  asking(sessions, 'get <key>', 'one session').action(async (key: string, options: AskOptions) =>
    finish(await getSession(key, options, terminal)),
  );
  asking(sessions, 'move <key> [endpoint]', 'move a session. Default: where a failure would move it').action(
    async (key: string, endpoint: string | undefined, options: AskOptions) =>
      finish(await moveSession(key, endpoint, options, terminal)),
  );
  asking(sessions, 'unpin <key>', 'forget where a session is').action(
    async (key: string, options: AskOptions) => finish(await unpinSession(key, options, terminal)),
  );

  asking(program, 'rebalance <pool>', 'move idle sessions until every endpoint has what its weight is worth')
    .option('--rate <rate>', 'how many are moved at most, such as 50/s. Default: as configured')
    .option('--idle-for <duration>', 'only those without a request for so long. Default: as configured')
    .option('--tolerance <percentage>', 'how far from it is near enough, such as 10%. Default: as configured')
    .option('--dry-run', 'only tell what would be moved')
    .option('--status', 'only tell how far it is')
    .option('--stop', 'end it')
    .action(async (pool: string, options: RebalanceOptions) =>
      finish(await rebalance(pool, options, terminal)),
    );

  asking(program, 'explain <path>', 'where a request would go, and why; nothing is changed')
    .option('-X, --method <method>', 'its method. Default: GET')
    .option('--host <host>', 'its host. Default: localhost')
    .option('-H, --header <line...>', 'a line of its head, such as "X-User: 7"')
    .option('--cookie <cookies>', 'its cookies, such as _srv_id=...')
    .option('--client <address>', 'the address of its client. Default: 127.0.0.1')
    .option('--listener <name>', 'where it comes in. Default: the first http listener with a route for it')
    .action(async (path: string, options: ExplainOptions) => finish(await explain(path, options, terminal)));
}
