import type { Pin } from '@holdfast/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { SessionMover } from './session-mover.ts';
import { idOf, MovingWorld } from './testing/moving-world.ts';

let world: MovingWorld;
let mover: SessionMover;
let b: Endpoint;
let c: Endpoint;
beforeEach(() => {
  world = new MovingWorld('a', 'b', 'c');
  mover = new SessionMover({ sessions: world.store.sessions, clock: world.clock });
  [, b, c] = world.pool.endpoints as [Endpoint, Endpoint, Endpoint];
});

const always = (): boolean => true;

describe('a session that is moved between its requests', () => {
  it('arrives from where it was served last, however often it is moved before anybody is told', async () => {
    const key = await world.beginOne('a', 0);
    const move = async (to: Endpoint) => {
      const pin = (await world.find(key)) as Pin;
      await mover.moveKey(key, pin, to, 'rebalanced', always);
      return world.find(key);
    };
    expect(await move(b)).toMatchObject({ version: 2, arrival: { from: idOf('a'), reason: 'rebalanced' } });
    expect(await move(c)).toMatchObject({ version: 3, arrival: { from: idOf('a'), reason: 'rebalanced' } });
    const a = world.pool.endpoints[0] as Endpoint;
    const back = await move(a);
    expect(back).toMatchObject({ endpoint: idOf('a'), version: 4 });
    expect(back).not.toHaveProperty('arrival');
  });

  it('is moved once by any number of movers', async () => {
    const key = await world.beginOne('a', 0);
    const pin = (await world.find(key)) as Pin;
    const isAtA = ({ endpoint }: Pin): boolean => endpoint === idOf('a');
    const results = await Promise.all([b, c].map((to) => mover.moveKey(key, pin, to, 'rebalanced', isAtA)));
    expect(results.map(({ kind }) => kind).sort()).toEqual(['kept', 'moved']);
    expect(await world.find(key)).toMatchObject({ version: 2 });
    expect(mover.moved).toEqual({ rebalanced: 1 });
  });

  it('leaves all of its keys where they are if one of them may not be moved', async () => {
    const root = await world.beginOne('a', 0);
    const alias = await world.beginOne('c', 0, { root });
    const pins = new Map([root, alias].map((key) => [key, {} as Pin]));
    const isAtA = ({ endpoint }: Pin): boolean => endpoint === idOf('a');
    expect(await mover.move({ root, pins }, b, 'rebalanced', isAtA)).toBe(0);
    expect(await mover.move({ root, pins }, b, 'operator', always)).toBe(2);
    expect([await world.placeOf(root), await world.placeOf(alias)]).toEqual(['b', 'b']);
  });

  it('is passed over if it has ended meanwhile', async () => {
    const root = await world.beginOne('a', 0);
    const pins = new Map([[root, (await world.find(root)) as Pin]]);
    await world.store.sessions.unpin(root, undefined, world.clock.now());
    expect(await mover.move({ root, pins }, b, 'rebalanced', always)).toBe(0);
    expect(await world.find(root)).toBeUndefined();
  });
});
