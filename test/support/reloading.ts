import { type Ended, holdfast } from './command.ts';
import type { HoldfastNode, ReloadAnswer } from './holdfast-node.ts';
import { type ConfigPart, type NodeWishes, nodeConfig } from './node-config.ts';
import type { Stage } from './stage.ts';
import { until } from './until.ts';

/** What a node is told that has those endpoints of the stage, by their numbers from 1. */
export function wishesFor(
  stage: Stage,
  numbers: readonly number[],
  more: Partial<NodeWishes> = {},
): NodeWishes {
  const chosen = stage.endpoints.filter((_, index) => numbers.includes(index + 1));
  return { endpoints: chosen.map(({ id, url }) => ({ id, url })), ...more };
}

/** The same, with more pools than `shop`. */
export function withPools(wishes: NodeWishes, ...pools: readonly ConfigPart[]): NodeWishes {
  const ordinary = JSON.parse(nodeConfig('any', { port: 0, adminPort: 0 }, wishes)) as {
    pools: ConfigPart[];
  };
  return { ...wishes, top: { ...wishes.top, pools: [...ordinary.pools, ...pools] } };
}

/** Has all nodes reload to the same wishes; answers with what the first of them says, when no endpoint is down to any. */
export async function reloadAll(nodes: readonly HoldfastNode[], wishes: NodeWishes): Promise<ReloadAnswer> {
  const [answer] = await Promise.all(nodes.map((node) => node.reload(wishes)));
  await Promise.all(wishes.endpoints.map(({ id }) => untilServing(nodes, id)));
  return answer as ReloadAnswer;
}

/** Waits until the endpoint is down to none of the nodes. */
export const untilServing = (nodes: readonly HoldfastNode[], id: string): Promise<unknown> =>
  until(`${id} serves`, async () => {
    const standings = await Promise.all(nodes.map((node) => node.standingOf(id)));
    return standings.every((standing) => standing !== 'down');
  });

/** Runs `holdfast reload` on a node, without a look at its file. */
export const reloadCommand = (node: HoldfastNode): Promise<Ended> =>
  holdfast('reload', '--url', node.adminOrigin);
