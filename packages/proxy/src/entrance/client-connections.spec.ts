import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientConnections } from './client-connections.ts';

describe('the connections of clients', () => {
  it('are refused above the limit, each client by itself', () => {
    const clients = new ClientConnections(2);
    expect(['a', 'a', 'a', 'b'].map((address) => clients.enter(address))).toEqual([true, true, false, true]);
  });

  it('make room when they leave', () => {
    const clients = new ClientConnections(1);
    clients.enter('a');
    clients.leave('a');
    expect(clients.enter('a')).toBe(true);
  });

  it('never pass the limit, and are forgotten when they are gone', () => {
    const visits = fc.array(fc.record({ address: fc.constantFrom('a', 'b', 'c'), isComing: fc.boolean() }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), visits, (perClientMax, steps) => {
        const clients = new ClientConnections(perClientMax);
        const open = new Map([...'abc'].map((address) => [address, 0]));
        for (const { address, isComing } of steps) {
          const count = open.get(address) ?? 0;
          if (isComing) {
            expect(clients.enter(address)).toBe(count < perClientMax);
            open.set(address, Math.min(perClientMax, count + 1));
          } else if (count > 0) {
            clients.leave(address);
            open.set(address, count - 1);
          }
        }
        for (const [address, count] of open) for (let left = 0; left < count; left++) clients.leave(address);
        expect(clients.size).toBe(0);
      }),
    );
  });
});
