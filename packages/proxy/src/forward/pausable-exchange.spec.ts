import { settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import type { BodyReader, Learner } from '../affinity/affinity.ts';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { TestExchange } from '../testing/test-exchange.ts';
import { PausableExchange } from './pausable-exchange.ts';

/** A request at an endpoint whose response is learnt from. */
function worldWith(learner: Learner) {
  const world = new ForwardingWorld();
  world.affinity.learner = learner;
  const exchange = world.receive();
  return { world, exchange, upstream: world.upstream };
}

/** A learner that is done when the test says so. */
function pausedWorld() {
  const learning = Promise.withResolvers<void>();
  const done = async (): Promise<void> => {
    learning.resolve();
    await settle();
  };
  return { ...worldWith({ learn: () => learning.promise }), learning, done };
}

describe('a response from which something is learnt', () => {
  it('waits until the session map knows, then goes out as it came', async () => {
    const { exchange, upstream, done } = pausedWorld();
    upstream.respond(200, ['Content-Length', '5']);
    upstream.send('he', 'llo');
    upstream.finish();
    expect(exchange.response).toBeUndefined();
    await done();
    expect(exchange).toMatchObject({ response: { status: 200 }, body: 'hello', trailers: [] });
  });

  it('holds its endpoint back, and lets it go on afterwards', async () => {
    const { exchange, upstream, done } = pausedWorld();
    upstream.respond();
    upstream.send('first');
    expect(upstream.isPaused).toBe(true);
    await done();
    expect(exchange).toMatchObject({ body: 'first', flushedLength: 5 });
    expect(upstream.isPaused).toBe(false);
    upstream.send(' and rest');
    upstream.finish();
    expect(exchange).toMatchObject({ body: 'first and rest', trailers: [] });
  });

  it('keeps a copy of pieces that are lent to it for a moment', async () => {
    const below = new TestExchange();
    const exchange = new PausableExchange(below);
    const learning = Promise.withResolvers<void>();
    exchange.pauseUntil(learning.promise);
    exchange.respond({ status: 200, reason: 'OK', lines: '', contentLength: 5 });
    const lent = Buffer.from('first');
    exchange.write(lent);
    lent.write('other');
    learning.resolve();
    await settle();
    expect(below.body).toBe('first');
  });

  it('goes out as well where learning has failed', async () => {
    const { exchange, upstream, learning } = pausedWorld();
    upstream.respond();
    upstream.finish();
    learning.reject(new Error('a defect'));
    await settle();
    expect(exchange).toMatchObject({ response: { status: 200 }, trailers: [] });
  });

  it('is given up when its client leaves meanwhile', async () => {
    const { world, exchange, upstream, done } = pausedWorld();
    upstream.respond();
    exchange.events?.onClientGone();
    await done();
    expect(exchange.response).toBeUndefined();
    expect(upstream.isAborted).toBe(true);
    expect(world.records).toMatchObject([{ error: 'DOWNSTREAM_DISCONNECTED' }]);
  });

  it('shows as truncated when its endpoint breaks off meanwhile', async () => {
    const { exchange, upstream, done } = pausedWorld();
    upstream.respond(200, ['Content-Length', '5']);
    upstream.fail('UPSTREAM_RESET');
    await done();
    expect(exchange).toMatchObject({ response: undefined, isAborted: true });
  });
});

describe('a response whose body is looked into', () => {
  /** Wants to see as many pieces. */
  const reading = (pieces: number, learning?: Promise<void>): BodyReader => ({
    read: () => (--pieces > 0 ? 'undecided' : learning),
  });

  it('goes on as soon as enough was seen, and its endpoint is not held back before', async () => {
    const { exchange, upstream } = worldWith({ learn: () => reading(2) });
    upstream.respond();
    upstream.send('one ');
    expect(exchange.response).toBeUndefined();
    expect(upstream.isPaused).toBe(false);
    upstream.send('two');
    expect(exchange).toMatchObject({ response: { status: 200 }, body: 'one two', flushedLength: 7 });
  });

  it('waits for the session map where a key was in it', async () => {
    const learning = Promise.withResolvers<void>();
    const { exchange, upstream } = worldWith({ learn: () => reading(1, learning.promise) });
    upstream.respond();
    upstream.send('one');
    upstream.finish();
    expect(exchange.response).toBeUndefined();
    learning.resolve();
    await settle();
    expect(exchange).toMatchObject({ response: { status: 200 }, body: 'one', trailers: [] });
  });

  it('goes on when it ends before that', () => {
    const { exchange, upstream } = worldWith({ learn: () => reading(9) });
    upstream.respond();
    upstream.send('all');
    upstream.finish();
    expect(exchange).toMatchObject({ body: 'all', trailers: [] });
  });

  it('goes on after a second, however little of it has come', async () => {
    const { world, exchange, upstream } = worldWith({ learn: () => reading(9) });
    upstream.respond();
    upstream.send('some');
    await world.clock.advance(999);
    expect(exchange.response).toBeUndefined();
    await world.clock.advance(1);
    expect(exchange).toMatchObject({ body: 'some', flushedLength: 4 });
    upstream.send(' more');
    expect(exchange.body).toBe('some more');
  });
});
