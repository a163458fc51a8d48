import { describe, expect, it } from 'vitest';
import { RawConnection } from '../support/raw-connection.ts';
import { rawRequest, readRawResponse } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const REQUEST = ['GET /slow?ms=2000 HTTP/1.1', 'Host: shop.test', 'X-Unique-Id: slow'];

describe('a node that is told to end', () => {
  const stage = useStage();

  /** A node with a slow request on its way. */
  async function arrange(shutdown: Readonly<Record<string, string>>, server = 'wire') {
    const [endpoint] = await stage().startEndpoints(1);
    const top = { shutdown, log: { access: true } };
    const node = await stage().startNode({ top, listener: { server } });
    const connection = await RawConnection.open(node.ports.port);
    connection.send(REQUEST);
    await until('the request is at the endpoint', () => endpoint?.timesSeen('slow') === 1);
    return { node, connection };
  }

  it('finishes what is in flight, asks its clients to come back elsewhere, and exits with 0', async () => {
    const { node, connection } = await arrange({ delay: '0s', deadline: '1m' });
    node.child.signal('SIGTERM');
    // The request takes two seconds; a node that waited for its deadline would take a minute.
    await until('the node is gone', () => node.child.hasExited, 20_000);
    await connection.untilEnded();
    connection.close();
    const { status, fields, body } = readRawResponse(connection.received);
    expect({ status, body }).toEqual({ status: 200, body: 'slow\n' });
    expect(fields).toContainEqual(expect.stringMatching(/^Connection: close$/i));
    expect(await node.child.exit).toEqual({ code: 0, signal: null });
  });

  it('fails its readiness first, and serves until the delay is over', async () => {
    const { node, connection } = await arrange({ delay: '1s', deadline: '10s' });
    node.child.signal('SIGTERM');
    await until('readiness fails', async () => (await node.admin('/readyz')).status === 503, 900);
    expect((await node.admin('/livez')).status).toBe(200);
    const late = await rawRequest(node.ports.port, ['GET / HTTP/1.1', 'Host: shop.test']);
    expect(late).toMatchObject({ status: 200, fields: expect.arrayContaining(['Connection: close']) });
    expect(await node.child.exit).toEqual({ code: 0, signal: null });
    expect(connection.received).toContain('slow\n');
    connection.close();
  });

  it.each(['wire', 'node'])(
    'breaks off at the deadline what has not finished, and says that it was no endpoint (server %s)',
    async (server) => {
      const { node, connection } = await arrange({ delay: '0s', deadline: '300ms' }, server);
      expect(await node.end('SIGTERM')).toEqual({ code: 0, signal: null });
      await connection.untilEnded();
      expect(connection.received).not.toContain('slow\n');
      connection.close();
      expect(node.accessLog).toMatchObject([{ status: 499, error: 'DOWNSTREAM_DISCONNECTED' }]);
    },
  );

  it('ends at once at a second signal', async () => {
    const { node, connection } = await arrange({ delay: '1m', deadline: '1m' });
    node.child.signal('SIGTERM');
    await until('it is leaving', async () => (await node.admin('/readyz')).status === 503);
    expect(await node.end('SIGTERM')).toEqual({ code: 1, signal: null });
    expect(connection.received).toBe('');
    connection.close();
  });
});
