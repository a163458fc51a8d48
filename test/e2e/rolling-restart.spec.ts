import { describe, expect, it } from 'vitest';
import { DnsClient } from '../support/dns-client.ts';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, welcome } from '../support/visitor.ts';
import { inBackground } from '../support/workers.ts';

describe('a rolling restart under load', () => {
  const stage = useStage();

  it('fails no request and moves no session', async () => {
    const redis = await stage().startRedis();
    await stage().startEndpoints(4);
    const shutdown = { delay: '300ms', deadline: '5s' };
    const nodes = await stage().startNodes(2, {
      storeUrl: redis.url,
      top: { shutdown, log: { access: false } },
    });
    const random = testRandom('rolling restart');
    const clients = stage().clients();
    const visitors = await welcome(60, clients);
    const homes = pathsOf(visitors);
    const dns = new DnsClient(nodes, clients, random);
    const load = inBackground(16, async () => {
      const path = random.unit() < 0.1 ? '/slow?ms=100' : '/';
      const isPost = random.unit() < 0.3;
      await pick(random, visitors).visit(dns, isPost ? { path, method: 'POST', body: 'order' } : { path });
    });

    for (const round of [1, 2]) {
      for (const node of nodes) {
        const turnsBefore = load.turns;
        const exit = await node.end('SIGTERM');
        expect(exit, `${node.name} in round ${round}`).toEqual({ code: 0, signal: null });
        await node.start();
        await until('the restarted node serves', () => load.turns > turnsBefore + 100);
      }
    }
    await load.stop();
    await dns.close();

    const visits = visitors.flatMap((visitor) => visitor.visits);
    expect(visits.filter(({ status }) => status !== 200)).toEqual([]);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(new Set(visits.map(({ node }) => node))).toEqual(new Set(['node-1', 'node-2']));
  });
});
