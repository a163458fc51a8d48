import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { EntranceWorld, GET } from '../testing/entrance-world.ts';
import { certificateFiles } from '../testing/tls/certificates.ts';

const https = (settings: object = {}, tls: object = {}) => ({
  protocol: 'https',
  tls: { certificates: [certificateFiles('shop'), certificateFiles('other')], ...tls },
  ...settings,
});

const opened: EntranceWorld[] = [];
const openWorld = async (settings: object = https()): Promise<EntranceWorld> => {
  const world = await EntranceWorld.open(settings);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

/** Whether the listener still serves those who mean it. */
async function expectService(world: EntranceWorld): Promise<void> {
  const { client } = await world.secured();
  client.send(GET);
  await client.received('welcome');
}

describe('an https listener', () => {
  it('answers requests, and knows that they came over TLS', async () => {
    const world = await openWorld();
    const { client } = await world.secured();
    client.send(GET);
    await client.received('welcome');
    expect(world.peers[0]).toMatchObject({ address: '127.0.0.1', localPort: world.port, isTls: true });
  });

  it('keeps the connection for the next request', async () => {
    const world = await openWorld();
    const { client } = await world.secured();
    for (let request = 1; request <= 3; request++) {
      client.take();
      client.send(GET);
      await client.received('welcome');
    }
    expect(world.peers).toHaveLength(3);
    expect(world.listener.openConnections).toBe(1);
  });

  it('still answers a client that has ended its direction after the request', async () => {
    const world = await openWorld();
    world.holdsAnswers = true;
    const { client } = await world.secured();
    client.send(GET);
    client.end();
    await eventually('the request is there', () => world.peers.length === 1);
    // What was sent before this handshake has been read when it is over.
    await world.secured();
    world.answerHeld();
    expect(await client.ended()).toContain('welcome');
  });

  it.each([
    ['shop.test', 'Holdfast test shop'],
    ['www.SHOP.test', 'Holdfast test shop'],
    ['other.test', 'Holdfast test other'],
    ['unknown.test', 'Holdfast test shop'],
  ])('shows a client that asks for %s the certificate of %s', async (servername, name) => {
    const world = await openWorld();
    const { shown } = await world.secured({ servername, rejectUnauthorized: false });
    expect(shown).toBe(name);
  });

  it('shows a client that asks for no name the first certificate', async () => {
    const world = await openWorld();
    const { shown } = await world.secured({ servername: '', checkServerIdentity: () => undefined });
    expect(shown).toBe('Holdfast test shop');
  });

  it('agrees on HTTP/1.1 with a client that would rather have HTTP/2', async () => {
    const world = await openWorld();
    const { tls } = await world.secured({ ALPNProtocols: ['h2', 'http/1.1'] });
    expect(tls.alpnProtocol).toBe('http/1.1');
  });

  it('refuses a client that speaks nothing but HTTP/2', async () => {
    const world = await openWorld();
    await expect(world.secured({ ALPNProtocols: ['h2'] })).rejects.toThrow(/no application protocol/i);
  });

  it('refuses versions that are older than the configuration allows', async () => {
    const world = await openWorld(https({}, { minVersion: 'TLSv1.3' }));
    await expect(world.secured({ maxVersion: 'TLSv1.2' })).rejects.toThrow(/version/i);
    const { tls } = await world.secured();
    expect(tls.getProtocol()).toBe('TLSv1.3');
  });

  it('resumes the session of a client that comes back', async () => {
    const world = await openWorld();
    const first = await world.secured({ maxVersion: 'TLSv1.2' });
    const session = first.tls.getSession();
    const second = await world.secured({ maxVersion: 'TLSv1.2', session });
    expect(second.tls.isSessionReused()).toBe(true);
  });
});

describe('a handshake', () => {
  it.each([
    ['a request without TLS', GET],
    ['noise', Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 151) % 256))],
    ['a record that is longer than any', Buffer.from([0x16, 0x03, 0x01, 0xff, 0xff, 0x01, 0x00])],
    ['half a record, and the end', Buffer.from([0x16, 0x03, 0x01])],
  ])('that begins with %s ends the connection, and only that', async (_, bytes) => {
    const world = await openWorld();
    const client = await world.client(bytes);
    client.end();
    await eventually('the connection is gone', () => world.listener.openConnections === 0);
    await client.ended();
    expect(client.text).not.toContain('HTTP');
    expect(world.peers).toEqual([]);
    expect(world.log.entries.filter(({ level }) => level !== 'debug')).toEqual([]);
    await expectService(world);
  });

  it('that is given up by the client leaves nothing behind', async () => {
    const world = await openWorld();
    const client = await world.client(Buffer.from([0x16]));
    await eventually('the connection is there', () => world.listener.openConnections === 1);
    client.reset();
    await eventually('the connection is gone', () => world.listener.openConnections === 0);
  });

  it('that takes longer than a header may is ended', async () => {
    const world = await openWorld(https({ timeouts: { header: '2s' } }));
    const client = await world.client();
    await eventually('the connection is there', () => world.listener.openConnections === 1);
    await world.clock.advance(1_900);
    expect(client.isClosed).toBe(false);
    await world.clock.advance(400);
    await client.ended();
    expect(await world.reason()).toBe('timed out');
  });

  it('that is under way when the listener closes is ended with it', async () => {
    const world = await openWorld();
    const client = await world.client(Buffer.from([0x16]));
    await eventually('the connection is there', () => world.listener.openConnections === 1);
    await world.listener.close(0);
    await client.ended();
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('a certificate that is renewed', () => {
  it('is shown to new connections, with and without a name, while the old ones go on', async () => {
    await using directory = await temporaryDirectory();
    const { cert, key } = await directory.install('shop');
    const world = await openWorld(https({}, { certificates: [{ cert, key }] }));
    const before = await world.secured();
    await directory.install('shop-renewed');
    await world.clock.advance(2_000);
    await eventually('the renewal is told', () =>
      world.log.entries.some(({ message }) => message === 'certificate replaced'),
    );
    const after = await world.secured();
    const nameless = await world.secured({ servername: '', checkServerIdentity: () => undefined });
    expect([before.shown, after.shown, nameless.shown]).toEqual([
      'Holdfast test shop',
      'Holdfast test shop-renewed',
      'Holdfast test shop-renewed',
    ]);
    before.client.send(GET);
    await before.client.received('welcome');
  });

  it('is not shown when it is broken', async () => {
    await using directory = await temporaryDirectory();
    const { cert, key } = await directory.install('shop');
    const world = await openWorld(https({}, { certificates: [{ cert, key }] }));
    await writeFile(cert, 'broken');
    await world.clock.advance(2_000);
    await eventually('the refusal is told', () => world.log.entries.some(({ level }) => level === 'warn'));
    expect((await world.secured()).shown).toBe('Holdfast test shop');
  });
});

/** Where certificates are put and replaced. */
async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
  const [cert, key] = [join(path, 'cert.pem'), join(path, 'key.pem')];
  return {
    async install(name: 'shop' | 'shop-renewed') {
      const files = certificateFiles(name);
      await copyFile(files.cert, cert);
      await copyFile(files.key, key);
      return { cert, key };
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}
