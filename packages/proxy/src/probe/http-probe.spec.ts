import { afterEach, describe, expect, it } from 'vitest';
import { TestEndpoint } from '../testing/test-endpoint.ts';
import { healthCheck } from '../testing/test-pool.ts';
import type { TestSocket } from '../testing/test-socket.ts';
import { httpProbe, isExpectedStatus } from './http-probe.ts';

const opened: TestEndpoint[] = [];
const openEndpoint = async (): Promise<TestEndpoint> => {
  const endpoint = await TestEndpoint.open();
  opened.push(endpoint);
  return endpoint;
};
afterEach(async () => {
  for (const endpoint of opened.splice(0)) await endpoint.close();
});

const probe = httpProbe(undefined);

async function answerWhenAsked(endpoint: TestEndpoint, answer: string): Promise<TestSocket> {
  const connection = await endpoint.connection(1);
  await connection.received('\r\n\r\n');
  connection.send(answer);
  return connection;
}

/** How a probe ends that is answered with this text. */
async function probedWith(answer: string, check = healthCheck) {
  const endpoint = await openEndpoint();
  const result = probe(endpoint.origin, check);
  const connection = await answerWhenAsked(endpoint, answer);
  return { ...(await result), connection };
}

const response = (status: number, fields = ''): string =>
  `HTTP/1.1 ${status} X\r\n${fields}Content-Length: 0\r\n\r\n`;

describe('isExpectedStatus', () => {
  it.each([
    [200, '2xx', true],
    [299, '2xx', true],
    [300, '2xx', false],
    [199, '2xx', false],
    [404, '4xx', true],
    [204, '204', true],
    [200, '204', false],
  ])('says of %i where %s is expected: %s', (status, expected, isExpected) => {
    expect(isExpectedStatus(status, expected)).toBe(isExpected);
  });
});

describe('a probe', () => {
  it('is a GET for the configured path, on a connection of its own', async () => {
    const { result, connection } = await probedWith(response(200));
    expect(result).toBe('passed');
    expect(connection.text).toMatch(/^GET \/healthz HTTP\/1\.1\r\n/);
    expect(connection.text.toLowerCase()).toContain('connection: close\r\n');
    expect(connection.text).toContain('holdfast-health-check');
  });

  it('opens another connection the next time', async () => {
    const endpoint = await openEndpoint();
    for (const number of [1, 2]) {
      const result = probe(endpoint.origin, healthCheck);
      const connection = await endpoint.connection(number);
      await connection.received('\r\n\r\n');
      connection.send(response(200));
      expect(await result).toMatchObject({ result: 'passed' });
    }
  });

  it.each([
    ['the expected class', 204, '2xx', 'passed'],
    ['another class', 500, '2xx', 'failed'],
    ['the expected status', 401, '401', 'passed'],
    ['another status of its class', 403, '401', 'failed'],
  ])(
    'that is answered with %s has ended so: %i where %s is expected',
    async (_, status, expected, result) => {
      expect((await probedWith(response(status), { ...healthCheck, status: expected })).result).toBe(result);
    },
  );

  it('does not follow a redirect: what stands elsewhere says nothing of this endpoint', async () => {
    const healthy = await openEndpoint();
    const { result } = await probedWith(response(302, `Location: ${healthy.origin}/\r\n`));
    expect(result).toBe('failed');
    expect(healthy.connections).toEqual([]);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx'],
  ])('that is answered with %s has failed', async (_, answer) => {
    expect((await probedWith(answer)).result).toBe('failed');
  });

  it('that is cut off has failed', async () => {
    const endpoint = await openEndpoint();
    const result = probe(endpoint.origin, healthCheck);
    const connection = await endpoint.connection(1);
    await connection.received('\r\n\r\n');
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nha');
    connection.reset();
    expect(await result).toEqual({ result: 'failed' });
  });

  it.each([
    ['nothing', ''],
    ['half of a head', 'HTTP/1.1 200 OK\r\n'],
    ['half of a body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nha'],
  ])('that gets %s within its timeout has failed', async (_, answer) => {
    const endpoint = await openEndpoint();
    const result = probe(endpoint.origin, { ...healthCheck, timeout: 200 });
    // On a busy machine the timeout may come before the question; then there is nobody to answer.
    void answerWhenAsked(endpoint, answer).catch(() => {});
    expect(await result).toEqual({ result: 'failed' });
  });

  it('of an endpoint that cannot be reached has failed', async () => {
    const endpoint = await openEndpoint();
    const { origin } = endpoint;
    await endpoint.close();
    expect(await probe(origin, healthCheck)).toEqual({ result: 'failed' });
  });
});

describe('a probe that is to tell which process answers', () => {
  const json = (body: string): string =>
    `HTTP/1.1 200 OK\r\nX-Process: 4711\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  it.each([
    ['a header', { header: 'x-process' }, json(''), '4711'],
    ['a field of the body', { body: 'boot' }, json('{"up":1,"boot":"b-7"}'), 'b-7'],
    ['a header that is not there', { header: 'X-Boot' }, json(''), undefined],
    ['a field that is not there', { body: 'boot' }, json('{"up":1}'), undefined],
    ['a field that is empty', { body: 'boot' }, json('{"boot":""}'), undefined],
  ])('reads it from %s', async (_, incarnation, answer, told) => {
    const { result, incarnation: found } = await probedWith(answer, { ...healthCheck, incarnation });
    expect([result, found]).toEqual(['passed', told]);
  });

  it('learns nothing from a failed one: who is not well may not be who it says', async () => {
    const { result, incarnation } = await probedWith(response(503, 'X-Process: 4711\r\n'), {
      ...healthCheck,
      incarnation: { header: 'X-Process' },
    });
    expect([result, incarnation]).toEqual(['failed', undefined]);
  });
});
