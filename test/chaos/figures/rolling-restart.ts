import { DnsClient } from '../../support/dns-client.ts';
import { until } from '../../support/until.ts';
import { atRate } from '../../support/workers.ts';
import { Crowd } from '../crowd.ts';
import type { Figure } from '../figure.ts';
import { count, failuresAmong, movedAmong } from '../measures.ts';

const PER_SECOND = 300;
const BETWEEN = 100;

export const rollingRestart: Figure = {
  name: 'rolling-restart',
  what: 'Every node in turn gets SIGTERM and is started again, under 300 requests per second',
  others:
    'HAProxy, nginx, Envoy: one process takes over from the other on the same machine. AWS: no concern of its users',
  aim: '0 failures',
  async measure(world, { sessions, rounds }) {
    const dns = new DnsClient(world.nodes, world.clients, world.random);
    const crowd = new Crowd('restarts', [dns], world.random);
    await crowd.welcome(sessions);
    const load = atRate(PER_SECOND, () => crowd.visit());
    const exits: unknown[] = [];
    const restarts = Math.ceil(rounds / 2);
    for (let round = 0; round < restarts; round++) {
      for (const node of world.nodes) {
        const before = crowd.seen.length;
        const exit = await node.end('SIGTERM');
        if (exit.code !== 0) exits.push(`${node.name} ended with ${exit.code ?? exit.signal}`);
        await node.start();
        await until('the restarted node serves', () => crowd.seen.length > before + BETWEEN);
      }
    }
    await load.stop();
    await dns.close();
    await world.untilWhole();
    const failures = failuresAmong(crowd.seen);
    const moved = movedAmong(crowd.seen);
    return {
      measured: `${failures.length} of ${count(crowd.seen.length)} requests failed in ${restarts * world.nodes.length} restarts, ${moved.length} of ${count(sessions)} sessions moved`,
      isInTime: true,
      wrong: [...failures, ...moved, ...exits.map(String)],
    };
  },
};
