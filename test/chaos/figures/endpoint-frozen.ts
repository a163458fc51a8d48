import type { Figure } from '../figure.ts';
import { failuresAmong, greatest, milliseconds, quantile } from '../measures.ts';
import { instantMs } from '../timeline.ts';

const FOUND_MS_MAX = 3_000;

export const endpointFrozen: Figure = {
  name: 'endpoint-frozen',
  what: 'Endpoint gets SIGSTOP: until the last node takes it for down, with the default health check',
  others:
    'By default, HAProxy asks every 2 s and believes the third failure, AWS asks every 30 s; nginx and Envoy do not ask',
  aim: 'at most 3 s; then its sessions are served',
  async measure(world, { sessions, rounds }) {
    const crowd = world.crowd();
    await crowd.welcome(Math.min(sessions, 100));
    const foundMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const victim = world.endpoints[round % world.endpoints.length]!;
      const frozenAtMs = instantMs();
      victim.freeze();
      world.note({ kind: 'endpoint-down', endpoint: victim.id });
      await world.untilDown(victim.id);
      foundMs.push(instantMs() - frozenAtMs);
      for (const visitor of crowd.regulars) await crowd.visit(visitor);
      victim.thaw();
      world.note({ kind: 'endpoint-up', endpoint: victim.id });
      await world.untilWhole();
    }
    return {
      measured: `${milliseconds(quantile(foundMs, 0.5))} (median), ${milliseconds(greatest(foundMs))} at most`,
      isInTime: greatest(foundMs) <= FOUND_MS_MAX,
      wrong: failuresAmong(crowd.seen),
    };
  },
};
