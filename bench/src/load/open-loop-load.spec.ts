import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { formatRequest } from './browser-request.ts';
import { applyConstantRate, type OpenLoopResult } from './open-loop-load.ts';

/** Puts a load of 200 requests per second on one connection of an endpoint: 100 of them before it measures. */
async function loadOn(handler: RequestListener): Promise<OpenLoopResult> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  const requestsFile = join(directory, 'requests');
  writeFileSync(requestsFile, formatRequest('a=1', {}));
  const origin = { port: (server.address() as AddressInfo).port, secure: false };
  const cores = `0-${availableParallelism() - 1}`;
  const load = { cores, origin, requestsFile, connections: 1, seconds: 0.5, answerBytes: 2 };
  try {
    return await applyConstantRate(load, 200);
  } finally {
    rmSync(directory, { recursive: true });
    server.closeAllConnections();
    server.close();
  }
}

const STALL_MS = 300;

describe('a load at a constant rate', () => {
  it('counts as late what was due while an earlier request waited', async () => {
    let requests = 0;
    const result = await loadOn((_, response) => {
      requests += 1;
      const answer = (): void => void response.setHeader('Content-Length', 2).end('ok');
      if (requests === 120) systemClock.after(STALL_MS, answer);
      else answer();
    });

    expect(result).toMatchObject({ requests: 200, errors: 0 });
    expect(result.latencyMs.max).toBeGreaterThanOrEqual(STALL_MS);
    // Who counts from the moment of sending sees one late request among 100.
    expect(result.latencyMs.p90).toBeGreaterThan(STALL_MS / 2);
  });

  it('counts answers that are errors', async () => {
    const result = await loadOn((_, response) => response.writeHead(503, { 'Content-Length': 0 }).end());

    expect(result).toMatchObject({ requests: 200, errors: 200 });
  });
});
