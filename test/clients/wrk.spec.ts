import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { useStage } from '../support/stage.ts';
import { welcome } from '../support/visitor.ts';

const hasWrk = spawnSync('wrk', ['--version']).error === undefined;
const CONNECTIONS = 50;

describe.skipIf(!hasWrk)(`wrk, with ${CONNECTIONS} connections that are never idle`, () => {
  const stage = useStage();

  it('gets nothing but answers of one endpoint for its session', async () => {
    await stage().startEndpoints(4);
    const node = await stage().startNode({ top: { log: { access: false } } });
    const [visitor] = await welcome(1, stage().clients());
    const cookie = `Cookie: _srv_id=${visitor?.cookie}`;
    const args = ['-t', '1', '-c', String(CONNECTIONS), '-d', '1s', '-H', cookie, node.origin];
    const { stdout } = await promisify(execFile)('wrk', args);
    expect(stdout).toMatch(/[1-9]\d* requests in /);
    expect(stdout).not.toMatch(/Socket errors|Non-2xx/);

    const { requests, pools } = await node.status();
    expect(requests.byOutcome).toMatchObject({ created: 1, repinned: 0, adopted: 0, fallback: 0, none: 0 });
    expect(pools[0]?.endpoints.map(({ standing }) => standing)).toEqual(Array(4).fill('serving'));
  });
});
