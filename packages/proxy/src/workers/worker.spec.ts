import { HoldfastError } from '@holdfast/shared';
import { parseConfig } from '@holdfast/shared/config';
import { settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { NodeOptions, WorkerNode } from '../node/running-node.ts';
import { PROTOCOL, type SupervisorMessage, type WorkerMessage } from './messages.ts';
import type { SupervisorChannel } from './supervisor-channel.ts';
import { Worker } from './worker.ts';

const TEXT = `
cluster: { name: test }
store: { url: "sqlite:sessions.db" }
shutdown: { delay: 2s, deadline: 3s }
listeners:
  - { name: web, listen: "127.0.0.1:8080", pool: shop }
  - { name: any, listen: "127.0.0.1:0", pool: shop }
pools: [{ name: shop, endpoints: [{ url: "http://127.0.0.1:1" }] }]
`;
const START: Extract<SupervisorMessage, { kind: 'start' }> = {
  kind: 'start',
  additions: [],
  protocol: PROTOCOL,
  file: 'holdfast.yaml',
  text: TEXT,
  node: 'node-1',
  news: [],
};

/** A worker whose supervisor is the test, and whose node only notes what it is told to do. */
function setUp() {
  const said: WorkerMessage[] = [];
  const told: string[] = [];
  const complaints: string[] = [];
  const lost = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let tell = (_message: SupervisorMessage, _socket: unknown): void => {};
  const channel: SupervisorChannel = {
    send: async (message) => void said.push(message),
    listen: (take) => {
      tell = take;
    },
    lost: lost.promise,
  };
  let options: NodeOptions = {};
  let isAddressTaken = false;
  const parse = (text: string, file: string) => parseConfig(text, { file, environment: {} });
  const startNode = async (config: WorkerNode['config'], given: NodeOptions = {}) => {
    options = given;
    if (isAddressTaken) await given.shared?.sockets.socketFor('web', { host: '127.0.0.1', port: 8080 });
    const node: Partial<WorkerNode> = {
      config,
      metricsSnapshot: () => [{ name: 'holdfast.retries', points: [] }],
      probe: (isProber) => void told.push(isProber ? 'probe' : 'probe no longer'),
      prepareReload: async (text) => {
        told.push(`prepare ${text}`);
        if (text === 'bad') return { kind: 'refused', cause: 'configuration', problems: ['it is bad'] };
        const nothing = { added: [], removed: [], changed: [] };
        const changes = { listeners: nothing, pools: nothing, endpoints: nothing, settings: [] };
        return {
          kind: 'prepared',
          changes,
          commit: () => void told.push(`commit ${text}`),
          discard: async () => void told.push(`discard ${text}`),
        };
      },
      leave: () => {
        told.push('leave');
        return 0;
      },
      handOver: async () => {
        told.push('hand over');
        await ended.promise;
      },
      shutdown: async () => void told.push('shut down'),
    };
    return node as WorkerNode;
  };
  const complain = (text: string) => void complaints.push(text);
  const worker = new Worker({ channel, release: '1.0.0', startNode, parse, complain });
  const running = worker.run();
  const hear = async (...messages: readonly SupervisorMessage[]): Promise<void> => {
    for (const message of messages) tell(message, undefined);
    await settle();
  };
  return {
    ...{ said, told, complaints, running, hear, lose: lost.resolve, end: ended.resolve },
    takeAddress: () => {
      isAddressTaken = true;
    },
    get options() {
      return options;
    },
  };
}

describe('a worker', () => {
  it('says hello, starts as it is told, and then says on which sockets it accepts', async () => {
    const trial = setUp();
    expect(trial.said).toEqual([{ kind: 'hello', protocol: PROTOCOL, release: '1.0.0' }]);
    await trial.hear(START);
    expect(trial.options.shared?.node).toBe('node-1');
    expect(trial.said.at(-1)).toEqual({
      kind: 'serving',
      // The system chooses a port for one listener, and not for whoever listens there.
      sockets: [
        { listener: 'web', key: '127.0.0.1:8080' },
        { listener: 'any', key: 'any 127.0.0.1:0' },
      ],
      leavesWithinMs: 5_000,
    });
  });

  it('begins with the endpoints that operators have added, and passes over what it cannot read of them', async () => {
    const trial = setUp();
    const url = 'http://10.0.0.9:8080';
    const addition = { kind: 'add-endpoint', pool: 'shop', id: 'd', endpoint: { url, weight: 3 } };
    const strange = { ...addition, endpoint: { url, weight: 'heavy' } };
    await trial.hear({
      ...START,
      additions: [addition, strange, undefined, { kind: 'from a later release' }],
    });
    expect(trial.options.shared?.additions).toMatchObject([
      { pool: 'shop', endpoint: { id: 'd', url, weight: 3 } },
    ]);
  });

  it('probes when it is named, also if that was before it served, and no longer when another one is', async () => {
    const trial = setUp();
    await trial.hear({ kind: 'probing', isProber: true }, START);
    expect(trial.told).toEqual(['probe']);
    await trial.hear({ kind: 'probing', isProber: false });
    expect(trial.told).toEqual(['probe', 'probe no longer']);
  });

  it('does not serve with a configuration that it cannot use, and says what is wrong', async () => {
    const trial = setUp();
    await trial.hear({ ...START, text: 'listeners: []' });
    expect(await trial.running).toBe(false);
    expect(trial.complaints.join()).toContain('holdfast.yaml:1:1: pools: expected a list');
  });

  it('fails to start with the words of the system where the supervisor cannot have an address', async () => {
    const trial = setUp();
    trial.takeAddress();
    const failed = trial.running.catch((error: unknown) => HoldfastError.from(error));
    await trial.hear(START);
    expect(trial.said.at(-1)).toMatchObject({ kind: 'want-socket', key: '127.0.0.1:8080' });
    const refusal = { code: 'EADDRINUSE', message: 'listen EADDRINUSE' };
    await trial.hear({ kind: 'socket', key: '127.0.0.1:8080', refusal });
    expect(await failed).toMatchObject({ cause: { code: 'EADDRINUSE' } });
  });

  it('prepares a configuration, and goes by it only when it is told to', async () => {
    const trial = setUp();
    await trial.hear(START);
    await trial.hear({ kind: 'prepare', text: 'next' });
    expect(trial.said.at(-1)).toMatchObject({ kind: 'prepared', verdict: { kind: 'prepared' } });
    expect(trial.told).toEqual(['prepare next']);
    await trial.hear({ kind: 'commit' });
    await trial.hear();
    expect(trial.told).toEqual(['prepare next', 'commit next']);
    expect(trial.said.at(-1)).toMatchObject({ kind: 'serving' });
  });

  it('forgets one that others have refused, even if it was still busy with it', async () => {
    const trial = setUp();
    await trial.hear(START);
    await trial.hear(
      { kind: 'prepare', text: 'next' },
      { kind: 'discard' },
      { kind: 'prepare', text: 'bad' },
    );
    await trial.hear();
    await trial.hear({ kind: 'discard' });
    expect(trial.told).toEqual(['prepare next', 'discard next', 'prepare bad']);
    expect(trial.said.at(-1)).toMatchObject({ verdict: { kind: 'refused', problems: ['it is bad'] } });
  });

  it('leaves when it is told to, and ends only when it is told that too', async () => {
    const trial = setUp();
    await trial.hear({ kind: 'leave' }, START);
    expect(trial.told).toEqual([]);
    await trial.hear({ kind: 'leave' });
    expect(trial.told).toEqual(['leave']);
    await trial.hear({ kind: 'shut-down' });
    expect(trial.told).toEqual(['leave', 'shut down']);
  });

  it('hands over when it is dismissed, and shuts down if the node ends meanwhile', async () => {
    const trial = setUp();
    await trial.hear(START, { kind: 'dismiss' });
    await trial.hear();
    expect(trial.told).toEqual(['hand over']);
    await trial.hear({ kind: 'shut-down' });
    expect(trial.told).toEqual(['hand over', 'shut down']);
    trial.end();
    expect(await trial.running).toBe(true);
  });

  it.each(['before it has begun', 'while it serves'])('ends when its supervisor is gone %s', async (when) => {
    const trial = setUp();
    if (when === 'while it serves') await trial.hear(START);
    trial.lose();
    expect(await trial.running).toBe(true);
    expect(trial.told).toEqual(when === 'while it serves' ? ['shut down'] : []);
  });
});
