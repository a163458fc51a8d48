import { describe, expect, it } from 'vitest';
import { loadOf, type MeasuredFigures, type PaperCluster } from './cluster-load.ts';
import { LARGE_CLUSTER, planCluster } from './cluster-plan.ts';

const cluster: PaperCluster = {
  sessions: 1_800_000,
  nodes: 10,
  endpoints: 100,
  activeMinutes: 10,
  idleTimeoutMinutes: 20,
  requestEverySeconds: 30,
  stayMinutes: 5,
  primaryBytes: 100e6,
  primaryLoad: 0.5,
};

const figures: MeasuredFigures = {
  bytesPerSession: 200,
  bytesPerNearEntry: 500,
  pinUs: 20,
  findUs: 5,
  touchUs: 10,
  repinUs: 30,
  tellUs: 1,
  hearUs: 4,
  memberRoundUs: 100,
  members: 100,
  countMs: 10,
  countedEndpoints: 100,
  lookUs: 2,
};

const valueOfLine = (what: string): string | undefined =>
  planCluster(cluster, figures).find(([line]) => line === what)?.[2];

describe('the load of a cluster', () => {
  it('follows from how long clients are at work, since a session lives for an idle timeout more', () => {
    expect(loadOf(cluster, figures)).toMatchObject({
      activeSessions: 600_000,
      requests: 20_000,
      pins: 1_000,
      touches: 2_000,
      finds: 2_000,
      cores: 0.05,
      bytes: 360e6,
      repins: 200,
    });
  });

  it('needs as many primaries as its memory or its operations, whichever are more', () => {
    expect(loadOf(cluster, figures).primaries).toBe(4);
    expect(loadOf(cluster, { ...figures, findUs: 1_800 }).primaries).toBe(8);
  });

  it('is all on the one primary where there is one, and unevenly spread over several', () => {
    const roomy = { ...cluster, primaryBytes: 1e9 };
    expect(loadOf(roomy, figures)).toMatchObject({ primaries: 1, fullestBuckets: 256 });
    const { primaries, fullestBuckets } = loadOf(cluster, { ...figures, findUs: 1_800 });
    expect(fullestBuckets).toBeGreaterThan(256 / primaries);
    expect(fullestBuckets).toBeLessThan(1.5 * (256 / primaries));
  });
});

describe('the plan of a cluster', () => {
  it('tells every node of every re-pin', () => {
    expect(valueOfLine('news of them')).toBe('2,000/s');
    expect(valueOfLine('cores of Redis for both')).toBe('0.008');
    expect(valueOfLine('endpoints that may die at once')).toBe('125');
  });

  it('has nodes count sessions the less often the more of them there are', () => {
    expect(valueOfLine('counts of a node for `least-sessions`')).toBe('every 2 s');
    expect(valueOfLine('cores of Redis for counts of all nodes')).toBe('0.050');
    const many = planCluster({ ...cluster, nodes: 1_000 }, figures);
    expect(many.find(([what]) => what.startsWith('counts of a node'))?.[2]).toBe('every 60 s');
  });

  it('says how long it takes to come by every session, at a tenth of the time', () => {
    expect(valueOfLine('a pass over all sessions for idle ones of an endpoint')).toBe('1 min');
  });

  it('has each line once, so that a page can refer to it', () => {
    const lines = planCluster(LARGE_CLUSTER, figures).map(([what]) => what);
    expect(new Set(lines).size).toBe(lines.length);
  });
});
