import { silentLogger } from '@holdfast/shared';
import { ManualClock, seededRandom, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { CurrentConfig } from '../node/current-config.ts';
import { nodeConfig } from '../testing/node-config.ts';
import { SupervisedStatus } from './supervised-status.ts';
import { Supervisor } from './supervisor.ts';
import { FakeWorkers } from './testing/fake-workers.ts';

/** A node of two workers that serve. */
async function setUp() {
  const clock = new ManualClock();
  const workers = new FakeWorkers();
  const { launch } = workers;
  const names = { node: 'node-1', file: 'holdfast.yaml', text: 'first' };
  const options = { size: 2, launch, ...names, clock, random: seededRandom(1), log: silentLogger };
  const supervisor = new Supervisor(options);
  const current = new CurrentConfig(nodeConfig(), names.text, clock);
  const status = new SupervisedStatus({ supervisor, current, clock });
  const serve = async (): Promise<void> => {
    supervisor.crew.begin();
    for (const worker of [...workers.all]) {
      worker.hello();
      await settle();
      worker.serve();
      await settle();
    }
  };
  return { workers, status, serve };
}

describe('a node of several workers', () => {
  it('is ready when they serve', async () => {
    const { status, serve } = await setUp();
    expect(status.readiness()).toEqual({ ready: false, reasons: ['the node is starting'] });
    await serve();
    expect(status.readiness()).toEqual({ ready: true, reasons: [] });
  });

  it('is not ready while one of them says that it is cut off, and is when that one is replaced', async () => {
    const { workers, status, serve } = await setUp();
    await serve();
    workers.get(2).say({ kind: 'reach', isCutOff: true });
    expect(status.readiness()).toMatchObject({
      ready: false,
      reasons: [expect.stringMatching(/^most endpoints/)],
    });
    workers.get(2).say({ kind: 'reach', isCutOff: false });
    expect(status.readiness()).toMatchObject({ ready: true });
    workers.get(1).say({ kind: 'reach', isCutOff: true });
    workers.get(1).end();
    await settle();
    expect(status.readiness()).toMatchObject({ ready: true });
  });
});
