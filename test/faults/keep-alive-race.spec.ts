import { beforeAll, describe, expect, it } from 'vitest';
import type { HttpClient } from '../support/http-client.ts';
import { okResponse, type RawEndpoint } from '../support/raw-endpoint.ts';
import { pick, testRandom } from '../support/seed.ts';
import { useStage } from '../support/stage.ts';

/**
 * An endpoint that closes a kept connection while a request is on its way cannot be told from one that has read the
 * request and died: only what has no effect may be sent again.
 */
describe('a request on a kept connection that the endpoint closes that moment', () => {
  const stage = useStage('file');
  let endpoint: RawEndpoint;
  let client: HttpClient;
  /** How the endpoint ends a connection on which a request for `/race` has come. */
  let closeAt: 'never' | 'fin' | 'rst' = 'never';

  beforeAll(async () => {
    endpoint = await stage().startRawEndpoint(({ target, connection }) => {
      const isFirst = connection.targets.length === 1;
      if (isFirst || closeAt === 'never') connection.say(okResponse(target));
      else if (closeAt === 'fin') connection.socket.end();
      else connection.socket.resetAndDestroy();
    });
    const node = await stage().startNode({ pool: { outlierDetection: { consecutiveFailures: 1_000 } } });
    client = stage().client(node, 1);
  });

  const warm = async (): Promise<void> => {
    closeAt = 'never';
    expect((await client.send({ path: '/warm' })).status).toBe(200);
  };

  it.each(['fin', 'rst'] as const)(
    '19, S5: is 502 and sent once, by the endpoint’s count, if it is a POST (%s)',
    async (end) => {
      for (const body of ['', 'order']) {
        await warm();
        closeAt = end;
        const path = `/post-${end}-${body.length}`;
        expect((await client.send({ method: 'POST', path, body })).status).toBe(502);
        expect(endpoint.timesReceived(`POST ${path} `)).toBe(1);
      }
    },
  );

  it.each(['fin', 'rst'] as const)(
    '19: is sent again on a new connection if it is a GET, and served (%s)',
    async (end) => {
      await warm();
      closeAt = end;
      expect(await client.send({ path: `/get-${end}` })).toMatchObject({ status: 200, body: `/get-${end}` });
      expect(endpoint.timesReceived(`GET /get-${end} `)).toBe(2);
    },
  );

  it('19, S5: is served or 502, and never sent twice, whoever is first in two hundred races of a POST', async () => {
    const random = testRandom('keep-alive race');
    const statuses: number[] = [];
    for (let round = 0; round < 200; round++) {
      await warm();
      const kept = endpoint.connections.at(-1)?.socket;
      const close = (): void => void (random.unit() < 0.5 ? kept?.end() : kept?.resetAndDestroy());
      const race = pick(random, [
        () => close(),
        () => setImmediate(close),
        () => queueMicrotask(close),
        () => setTimeout(close, random.unit() * 2),
      ]);
      race();
      const { status } = await client.send({ method: 'POST', path: `/race-${round}`, body: 'order' });
      statuses.push(status);
      const times = endpoint.timesReceived(`POST /race-${round} `);
      expect(times).toBeLessThanOrEqual(1);
      if (status === 200) expect(times).toBe(1);
    }
    expect(new Set([...statuses, 200, 502])).toEqual(new Set([200, 502]));
  });
});
