import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEchoEndpoints } from '../endpoints/endpoints.ts';
import { applyMessages } from './websocket-load.ts';

describe('messages on WebSockets', () => {
  it('come back, and tunnels to another endpoint than that of their session are counted', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
    const cores = `0-${availableParallelism() - 1}`;
    await using endpoints = await startEchoEndpoints(directory, cores);
    const { id, port } = endpoints.all[0]!;
    const sessions = [id, id, 'elsewhere'].map((endpoint) => ({ cookie: 'a=1', endpoint }));
    const load = { cores, connections: 3, seconds: 0.1, messageBytes: 64 };

    const result = await applyMessages({ setup: { directory, port }, sessions }, load);

    rmSync(directory, { recursive: true });
    expect(result).toMatchObject({ errors: 0, moved: 1 });
    expect(result.requests).toBeGreaterThanOrEqual(3);
  });
});
