import { describe, expect, it } from 'vitest';
import { type Circuit, type CircuitEvent, closedCircuit, isFlowing, nextCircuit } from './circuit.ts';

const LIMITS = { failuresMax: 5, failingMsMax: 200 };
const open: Circuit = { kind: 'open' };
const halfOpen: Circuit = { kind: 'half-open' };
const failing = (failures: number, sinceMs: number): Circuit => ({ kind: 'failing', failures, sinceMs });
const failed = (startedAtMs: number, atMs: number): CircuitEvent => ({ kind: 'failed', startedAtMs, atMs });

const transitions: { name: string; from: Circuit; event: CircuitEvent; to: Circuit }[] = [
  { name: 'stays closed on an answer', from: closedCircuit, event: { kind: 'answered' }, to: closedCircuit },
  {
    name: 'remembers a first failure by its beginning',
    from: closedCircuit,
    event: failed(100, 150),
    to: failing(1, 100),
  },
  { name: 'counts failures in a row', from: failing(3, 100), event: failed(160, 170), to: failing(4, 100) },
  {
    name: 'forgets failures with the next answer',
    from: failing(4, 100),
    event: { kind: 'answered' },
    to: closedCircuit,
  },
  { name: 'opens with the fifth failure in a row', from: failing(4, 100), event: failed(110, 120), to: open },
  {
    name: 'lets failures go on for just under 200 ms',
    from: failing(1, 100),
    event: failed(280, 299),
    to: failing(2, 100),
  },
  {
    name: 'opens when failures went on for 200 ms',
    from: failing(1, 100),
    event: failed(280, 300),
    to: open,
  },
  {
    name: 'opens on one operation that failed for 200 ms',
    from: closedCircuit,
    event: failed(0, 200),
    to: open,
  },
  { name: 'stays open for a late answer', from: open, event: { kind: 'answered' }, to: open },
  { name: 'stays open for a late failure', from: open, event: failed(0, 1), to: open },
  { name: 'is half-open while it is probed', from: open, event: { kind: 'probe-started' }, to: halfOpen },
  {
    name: 'closes when the probe is answered',
    from: halfOpen,
    event: { kind: 'probe-answered' },
    to: closedCircuit,
  },
  { name: 'opens again when the probe fails', from: halfOpen, event: { kind: 'probe-failed' }, to: open },
  {
    name: 'waits for the probe, whatever else is answered',
    from: halfOpen,
    event: { kind: 'answered' },
    to: halfOpen,
  },
  { name: 'waits for the probe, whatever else fails', from: halfOpen, event: failed(0, 1), to: halfOpen },
  {
    name: 'ignores a probe that nobody started',
    from: closedCircuit,
    event: { kind: 'probe-failed' },
    to: closedCircuit,
  },
];

describe('the circuit of a store', () => {
  it.each(transitions)('$name', ({ from, event, to }) => {
    expect(nextCircuit(from, event, LIMITS)).toEqual(to);
  });

  it('lets operations through until it opens', () => {
    expect([closedCircuit, failing(4, 0), open, halfOpen].map(isFlowing)).toEqual([true, true, false, false]);
  });
});
