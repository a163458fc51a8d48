import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError, systemClock, systemRandom } from '@holdfast/shared';
import { createAdaptorServer } from '@hono/node-server';
import { type CastingOptions, castStage } from './casting.ts';
import type { Stage } from './stage.ts';
import { stopSignal } from './stop-signal.ts';
import { tellStory } from './story/story.ts';
import { createSupervisor } from './supervisor.ts';
import { Timeline } from './timeline.ts';
import { visitAsCrowd } from './visitors/crowd.ts';

export interface DemoOptions {
  /** Tells the story once with requests of its own and ends, instead of waiting for visitors. */
  readonly once: boolean;
  /** Where text for a person goes. Default: standard output. */
  readonly write?: (text: string) => void;
}

const FAREWELL = '\nEnding everything.\n';
const INSTANCE_BYTES = 16;

/** Easy to type. A story without visitors leaves them to whoever else wants them. */
const VISITORS_PORTS = { nodePorts: [8080, 8081], consolePorts: [9901, 9902] };
const ANY_PORTS = { nodePorts: [], consolePorts: [] };

/** Who visits the shop through each of the nodes, so that there is something to see. */
const OTHERS = { visitors: 8, rate: 4, tries: 1 };

/**
 * Starts three endpoints of a small shop and two proxy nodes that share one session map, as processes of
 * this machine, and ends all of them before it returns: after the story, or on Ctrl-C or SIGTERM.
 *
 * @returns the exit code: 0, or 1 when something could not be started or the story was not told to its end as it should be
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const write = options.write ?? ((text) => void process.stdout.write(text));
  await using cleanup = new AsyncDisposableStack();
  const signal = stopSignal(cleanup);
  try {
    write('Starting three endpoints and two proxy nodes...\n');
    const stage = await openStage(cleanup, signal, options.once ? ANY_PORTS : VISITORS_PORTS);
    if (options.once) return (await tellStory({ stage, clock: systemClock, write, signal })) ? 0 : 1;
    write(welcome(stage));
    await othersVisit(stage, signal);
    write(FAREWELL);
    return 0;
  } catch (error) {
    write(signal.aborted ? FAREWELL : `holdfast demo: ${HoldfastError.from(error).message}\n`);
    return signal.aborted && !options.once ? 0 : 1;
  }
}

/** Everything in place and ready; `cleanup` learns of each part before the next one is begun. */
async function openStage(
  cleanup: AsyncDisposableStack,
  signal: AbortSignal,
  ports: Pick<CastingOptions, 'nodePorts' | 'consolePorts'>,
): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
  cleanup.defer(() => rm(directory, { recursive: true, force: true }));
  const timeline = new Timeline(systemClock);
  const random = systemRandom();
  const shared = { timeline, clock: systemClock, instance: random.bytes(INSTANCE_BYTES).toString('hex') };
  const { stage, supervisorPort } = await castStage({ ...shared, ...ports, directory, random });
  const supervisor = createSupervisor({ ...shared, stage });
  const server = createAdaptorServer({ fetch: supervisor.fetch }) as Server;
  cleanup.defer(() => void server.close().closeAllConnections());
  await once(server.listen(supervisorPort, '127.0.0.1'), 'listening');
  cleanup.defer(() => stage.close());
  await stage.open(signal);
  return stage;
}

/** Has other people visit until the signal fires. What they find is theirs: the page and the consoles show it. */
async function othersVisit({ nodes }: Stage, signal: AbortSignal): Promise<void> {
  const hear = (): void => {};
  await Promise.all(nodes.map(({ url }) => visitAsCrowd({ url: new URL(url), ...OTHERS, hear, signal })));
}

function welcome({ nodes, endpoints }: Stage): string {
  const addresses = nodes.map(({ id, url, consoleUrl }) => `    ${id}   ${url}/   console ${consoleUrl}`);
  return `
A small shop runs on ${endpoints.length} endpoints, behind ${nodes.length} proxy nodes that share one session map:

${addresses.join('\n')}

Open the first address and put something in the cart. Then try, on the page:

  - open the second address: the same session, the same endpoint, the same cart
  - restart a node: nothing is lost
  - kill the endpoint that has your session: it moves once, for both nodes
  - revive that endpoint: your session stays where it went

In a console beside it, requests pass, and sessions move when you kill an endpoint: yours, and those of the
${nodes.length * OTHERS.visitors} other visitors who come and go.

Ctrl-C ends everything.
`;
}
