import { describe, expect, it } from 'vitest';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { namesOf, valuesOf } from '../testing/response-head.ts';
import { chunked } from '../testing/test-exchange.ts';

const upload = { method: 'POST', fields: chunked } as const;

describe('a request body', () => {
  it('is not taken from the client before the endpoint wants it', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive(upload);
    expect(exchange.isReading).toBe(false);
    world.upstream.wantBody();
    expect(exchange.isReading).toBe(true);
  });

  it('passes in its pieces, in order, with its end and trailers', () => {
    const world = new ForwardingWorld();
    const { events } = world.receive(upload);
    world.upstream.wantBody();
    for (const piece of ['one', 'two', 'three']) events?.onRequestBody(Buffer.from(piece));
    expect(world.upstream.isEnded).toBe(false);
    events?.onRequestEnd(['X-Sum', '3']);
    expect(world.upstream.pieces).toEqual(['one', 'two', 'three']);
    expect(world.upstream.trailers).toEqual(['X-Sum', '3']);
  });

  it('that is there already is not lost where the endpoint wants it at once', () => {
    const world = new ForwardingWorld();
    world.makeEager();
    world.receive({ ...upload, arrivedBody: 'all of it' });
    expect(world.upstream.pieces).toEqual(['all of it']);
    expect(world.upstream.isEnded).toBe(true);
  });

  it('is held back while the endpoint cannot keep up', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive(upload);
    world.upstream.wantBody();
    world.upstream.keepsUp = false;
    exchange.events?.onRequestBody(Buffer.from('one'));
    exchange.events?.onRequestFlush();
    expect(exchange.isReading).toBe(false);
    world.upstream.wantBody();
    expect(exchange.isReading).toBe(true);
  });
});

describe('a response body', () => {
  it('goes out when all that had arrived has been told: pieces that came together leave together', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond();
    expect(exchange.flushedLength).toBe(0);
    world.upstream.send('one', 'two');
    expect(exchange.flushedLength).toBe(6);
  });

  it('is held back while the client cannot keep up', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond();
    world.upstream.send('slow enough');
    expect(world.upstream.isPaused).toBe(false);
    exchange.keepsUp = false;
    world.upstream.send('too fast');
    expect(world.upstream.isPaused).toBe(true);
    exchange.events?.onResponseDrain();
    expect(world.upstream.isPaused).toBe(false);
  });

  it('that breaks off is shown to the client as broken off, never as complete', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond(200, ['Content-Length', '100']);
    world.upstream.send('half');
    world.upstream.fail('UPSTREAM_RESET');
    expect(exchange.isAborted).toBe(true);
    expect(exchange.trailers).toBeUndefined();
    expect(world.records).toMatchObject([{ status: 200, error: 'UPSTREAM_RESET', bytesOut: 4 }]);
  });
});

describe('a limit on bodies', () => {
  it('refuses a longer declared length, and asks no endpoint', () => {
    const world = new ForwardingWorld({ bodyBytesMax: 10 });
    const exchange = world.receive({ method: 'POST', fields: ['Content-Length', '11'] });
    expect(exchange.response?.status).toBe(413);
    expect(world.arrived).toEqual([]);
    expect(world.records).toMatchObject([{ status: 413, error: 'DOWNSTREAM_BODY_TOO_LARGE', attempts: 0 }]);
  });

  it('refuses a body without a declared length once it is longer, and gives the endpoint up', () => {
    const world = new ForwardingWorld({ bodyBytesMax: 10 });
    const exchange = world.receive(upload);
    world.upstream.wantBody();
    exchange.events?.onRequestBody(Buffer.alloc(10));
    expect(exchange.response).toBeUndefined();
    exchange.events?.onRequestBody(Buffer.alloc(1));
    expect(exchange.response?.status).toBe(413);
    expect(world.upstream.isAborted).toBe(true);
    expect(world.upstream.pieces.join('')).toHaveLength(10);
  });

  it('breaks off a response that has begun before the body was too long', () => {
    const world = new ForwardingWorld({ bodyBytesMax: 10 });
    const exchange = world.receive(upload);
    world.upstream.wantBody();
    world.upstream.respond();
    exchange.events?.onRequestBody(Buffer.alloc(11));
    expect(exchange.isAborted).toBe(true);
    expect(exchange.response?.status).toBe(200);
  });

  it.each([[['Content-Length', '10']], [[]]])(
    'lets pass what is exactly as long, or has no body: %j',
    (fields) => {
      const world = new ForwardingWorld({ bodyBytesMax: 10 });
      world.receive({ fields });
      expect(world.arrived).toHaveLength(1);
    },
  );
});

describe('an upgrade', () => {
  const upgrade = ['Connection', 'keep-alive, Upgrade', 'Upgrade', 'websocket'];

  it("becomes a tunnel after the endpoint's 101, in which bytes pass both ways until either end", () => {
    const world = new ForwardingWorld();
    const exchange = world.receive({ fields: upgrade });
    expect(exchange.isTunnel).toBe(false);
    world.upstream.respond(101, [
      'Connection',
      'Upgrade',
      'Upgrade',
      'websocket',
      'Sec-WebSocket-Accept',
      'k',
    ]);
    expect(exchange.isTunnel).toBe(true);
    const fields = exchange.response?.fields ?? [];
    expect(valuesOf(fields, 'upgrade')).toEqual(['websocket']);
    expect(valuesOf(fields, 'connection')).toEqual(['Upgrade']);
    expect(valuesOf(fields, 'sec-websocket-accept')).toEqual(['k']);
    exchange.events?.onRequestBody(Buffer.from('ping'));
    world.upstream.send('pong');
    expect([world.upstream.pieces.join(''), exchange.body]).toEqual(['ping', 'pong']);
    expect(world.inFlight).toBe(1);
    exchange.events?.onRequestEnd([]);
    expect(world.upstream.isEnded).toBe(true);
    world.upstream.finish();
    expect(world.records).toMatchObject([{ status: 101, bytesIn: 4, bytesOut: 4, error: undefined }]);
  });

  it('that the endpoint declines is answered as any request', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive({ fields: upgrade });
    world.upstream.respond(426, ['Upgrade', 'other', 'Content-Length', '0']);
    expect(exchange.isTunnel).toBe(false);
    expect(exchange.response?.status).toBe(426);
    expect(namesOf(exchange.response?.fields ?? [])).not.toContain('connection');
  });
});
