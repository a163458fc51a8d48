import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { authorityPem, certificateFiles } from '../../packages/proxy/src/testing/tls/certificates.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { LiveSocket } from './live-socket.ts';
import { type ProgramEndpoint, useEndpoints } from './program-endpoint.ts';

const MIB = 1024 * 1024;

describe('a WebSocket', () => {
  const stage = useStage();
  const startEndpoints = useEndpoints('live-endpoint.ts');

  const startPair = async (
    wishes: Partial<NodeWishes> = {},
  ): Promise<{ node: HoldfastNode; endpoint: ProgramEndpoint }> => {
    const [endpoint] = (await startEndpoints(1)) as [ProgramEndpoint];
    return { node: await stage().startNode({ ...wishes, endpoints: [endpoint.address] }), endpoint };
  };

  it('gets the session’s cookie with its 101, and comes back to the same endpoint through every other node', async () => {
    const endpoints = await startEndpoints(4);
    const nodes = await stage().startNodes(3, {
      endpoints: endpoints.map(({ address }) => address),
      storeUrl: stage().sqliteUrl(),
    });
    for (const [index, firstNode] of nodes.entries()) {
      const first = await LiveSocket.open(firstNode.origin, '/');
      expect(first.setCookies).toEqual([expect.stringMatching(/^_srv_id=/)]);
      const again = nodes.filter((_, other) => other !== index);
      const others = await Promise.all(
        again.map(({ origin }) => LiveSocket.open(origin, '/', { cookie: first.cookie })),
      );
      expect(others.map(({ servedBy }) => servedBy)).toEqual(others.map(() => first.servedBy));
      expect(await Promise.all([first, ...others].map((socket) => socket.echo('hello')))).toEqual([
        'hello',
        'hello',
        'hello',
      ]);
    }
  });

  it('carries texts and binary messages both ways, in order and unchanged, whatever their length', async () => {
    const live = await LiveSocket.open((await startPair()).node.origin, '/');
    const lengths = [0, 1, 125, 126, 65_535, 65_536, MIB, 3 * MIB];
    const sent = lengths.flatMap((length) => [
      { data: randomBytes(length), isBinary: true },
      { data: Buffer.from('ü'.repeat(length / 2)), isBinary: false },
    ]);
    for (const { data, isBinary } of sent) live.socket.send(data, { binary: isBinary });
    const received = await live.untilReceived(sent.length, 30_000);
    expect(received.map(({ data, isBinary }) => [data.length, isBinary])).toEqual(
      sent.map(({ data, isBinary }) => [data.length, isBinary]),
    );
    expect(received.every(({ data }, index) => data.equals(sent[index]?.data as Buffer))).toBe(true);
  });

  it('carries pings and pongs both ways', async () => {
    const { node, endpoint } = await startPair();
    const live = await LiveSocket.open(node.origin, '/ping');
    await endpoint.untilTold({ pong: 'are you there' });
    const pongs: string[] = [];
    live.socket.on('pong', (data) => pongs.push(data.toString()));
    live.socket.ping('and you');
    await until('the pong comes', () => pongs.length > 0);
    expect(pongs).toEqual(['and you']);
  });

  it('ends by the code and reason of the side that closes it', async () => {
    const { node, endpoint } = await startPair();
    const closedByEndpoint = await LiveSocket.open(node.origin, '/close?code=4001&reason=enough');
    expect(await closedByEndpoint.closed).toEqual({ code: 4001, reason: 'enough' });
    const closedByClient = await LiveSocket.open(node.origin, '/');
    closedByClient.socket.close(4002, 'goodbye');
    await endpoint.untilTold({ closed: 4002, reason: 'goodbye' });
    expect((await closedByClient.closed).code).toBe(4002);
  });

  it('is not ended by the idle time that ends a response', async () => {
    const { node } = await startPair({ pool: { timeouts: { idle: '300ms' } } });
    const live = await LiveSocket.open(node.origin, '/');
    const response = await RawConnection.open(node.ports.port);
    response.send(['GET /events HTTP/1.1', 'Host: shop.test']);
    await response.untilReceived(/\r\n\r\n/);
    await response.untilEnded();
    expect(await live.echo('still here')).toBe('still here');
  });

  it('goes through an https listener as well', async () => {
    const { node } = await startPair({
      listener: { protocol: 'https', tls: { certificates: [certificateFiles('shop')] } },
    });
    const origin = node.origin.replace('http:', 'https:');
    const live = await LiveSocket.open(origin, '/', { ca: authorityPem(), servername: 'shop.test' });
    expect(live.setCookies).toEqual([expect.stringMatching(/^_srv_id=.*; Secure/)]);
    expect(await live.echo('in secret')).toBe('in secret');
  });

  it('ends at the endpoint when the client vanishes', async () => {
    const { node, endpoint } = await startPair();
    const live = await LiveSocket.open(node.origin, '/');
    live.socket.terminate();
    await endpoint.untilTold({ closed: 1006 });
    await until('the node has let it go', async () => {
      const { pools } = await node.status();
      return pools[0]?.endpoints[0]?.inFlight === 0;
    });
  });

  it('ends when its endpoint dies, and comes back at another that is told of the move', async () => {
    const endpoints = await startEndpoints(2);
    const node = await stage().startNode({ endpoints: endpoints.map(({ address }) => address) });
    const live = await LiveSocket.open(node.origin, '/');
    const dying = endpoints.find(({ id }) => id === live.servedBy);
    const heir = endpoints.find(({ id }) => id !== live.servedBy);
    await dying?.kill();
    expect((await live.closed).code).toBe(1006);
    const again = await LiveSocket.open(node.origin, '/', { cookie: live.cookie });
    expect(again.servedBy).toBe(heir?.id);
    expect(await again.echo('moved')).toBe('moved');
    expect(heir?.told.find(({ opened }) => opened === '/')).toMatchObject({
      moved: expect.stringContaining(`from=shop/${dying?.id}`),
    });
  });

  it('lives on while its node shuts down, until the deadline of that', async () => {
    const { node } = await startPair({ top: { shutdown: { delay: '0s', deadline: '2s' } } });
    const live = await LiveSocket.open(node.origin, '/');
    node.child.signal('SIGTERM');
    await until('no new connection is accepted', () =>
      LiveSocket.open(node.origin, '/').then(
        ({ socket }) => void socket.terminate(),
        () => true,
      ),
    );
    expect(await live.echo('finishing')).toBe('finishing');
    expect((await live.closed).code).toBe(1001);
    expect(await node.child.exit).toEqual({ code: 0, signal: null });
  });
});
