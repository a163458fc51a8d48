import type { HoldfastNode } from '../../support/holdfast-node.ts';
import { until } from '../../support/until.ts';
import type { Figure } from '../figure.ts';
import { failuresAmong, greatest, milliseconds, quantile } from '../measures.ts';
import { instantMs } from '../timeline.ts';

const FOUND_MS_MAX = 3_000;
const SESSIONS_MAX = 100;
const DEADLINE_MS = 30_000;

export const endpointFrozen: Figure = {
  name: 'endpoint-frozen',
  what: 'Endpoint gets SIGSTOP: until the last node sends it nothing more, with the default health check',
  others:
    'By default, HAProxy asks every 2 s and believes the third failure, AWS asks every 30 s; nginx and Envoy do not ask',
  aim: 'at most 3 s; then its sessions are served',
  async measure(world, { sessions, rounds }) {
    const crowd = world.crowd();
    await crowd.welcome(Math.min(sessions, SESSIONS_MAX));
    const foundMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const victim = world.endpoints[round % world.endpoints.length]!;
      const frozenAtMs = instantMs();
      victim.freeze();
      world.note({ kind: 'endpoint-down', endpoint: victim.id });
      const found = await Promise.all(world.nodes.map((node) => shunnedAtMs(node, victim.id, frozenAtMs)));
      foundMs.push(greatest(found) - frozenAtMs);
      for (const visitor of crowd.regulars) await crowd.visit(visitor);
      victim.thaw();
      world.note({ kind: 'endpoint-up', endpoint: victim.id });
      await world.untilWhole();
    }
    return {
      measured: `${milliseconds(quantile(foundMs, 0.5))} (median), ${milliseconds(greatest(foundMs))} at most, of ${rounds}`,
      isInTime: greatest(foundMs) <= FOUND_MS_MAX,
      wrong: failuresAmong(crowd.seen),
    };
  },
};

/** When the node began to send requests elsewhere, by its log: whether the others agreed by then or not. */
const shunnedAtMs = ({ name, events }: HoldfastNode, endpoint: string, sinceMs: number): Promise<number> =>
  until(
    `${name} holds ${endpoint} down`,
    () =>
      events
        .filter((line) => line.endpoint === `shop/${endpoint}` && line.from === 'serving')
        .map(({ time }) => Date.parse(String(time)))
        .find((atMs) => atMs > sinceMs),
    DEADLINE_MS,
  );
