import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock } from '@holdfast/shared/testing';
import { eventually } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogBook } from '../testing/log-book.ts';
import { certificateFiles, type TestCertificate } from '../testing/tls/certificates.ts';
import { Certificates } from './certificates.ts';

let directory: string;
let clock: ManualClock;
let log: LogBook;
let changes: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-tls-'));
  clock = new ManualClock();
  log = new LogBook();
  changes = 0;
});
afterEach(() => rm(directory, { recursive: true }));

const cert = () => join(directory, 'cert.pem');
const key = () => join(directory, 'key.pem');

/** Puts this certificate where the listener reads it, as a renewal does. */
async function install(name: TestCertificate): Promise<void> {
  const files = certificateFiles(name);
  await copyFile(files.cert, cert());
  await copyFile(files.key, key());
}

const open = (...certificates: { cert: string; key: string; hosts?: string[] }[]): Promise<Certificates> =>
  Certificates.open({ certificates, minVersion: 'TLSv1.2' }, { listener: 'web', clock, log });

async function watched(): Promise<Certificates> {
  const certificates = await open({ cert: cert(), key: key() });
  certificates.watch(() => changes++);
  return certificates;
}

/** Lets the files be looked at once, to the end. */
async function look(): Promise<void> {
  await clock.advance(2_000);
  await eventually('the next look is planned', () => clock.pendingTimers === 1);
}

const told = (): readonly string[] => log.entries.map(({ level, message }) => `${level}: ${message}`);

describe('the certificates of a listener', () => {
  it('are found by the names that they are made out to, and the first for all other names', async () => {
    const certificates = await open(certificateFiles('shop'), certificateFiles('other'));
    const [shop, other] = [certificates.find('shop.test'), certificates.find('other.test')];
    expect(shop).not.toBe(other);
    expect(certificates.find('www.shop.test')).toBe(shop);
    expect(certificates.find('unknown.test')).toBe(shop);
    expect(certificates.default.context).toBe(shop);
  });

  it('are found by the names of the configuration instead, where it has some', async () => {
    const certificates = await open(certificateFiles('shop'), {
      ...certificateFiles('other'),
      hosts: ['www.shop.test'],
    });
    expect(certificates.find('www.shop.test')).not.toBe(certificates.default.context);
    expect(certificates.find('other.test')).toBe(certificates.default.context);
  });

  it.each([
    ['that is not there', async () => {}, /read .*(cert|key)\.pem: ENOENT/],
    [
      'that is no certificate',
      async () => {
        await install('shop');
        await writeFile(cert(), 'nothing of use');
      },
      /use certificate .*cert\.pem with key .*key\.pem: /,
    ],
    [
      'whose key is that of another',
      async () => {
        await install('shop');
        await copyFile(certificateFiles('other').key, key());
      },
      /use certificate .*cert\.pem with key .*key\.pem: .*mismatch/,
    ],
  ])('are refused at start with a file %s', async (_, prepare, message) => {
    await prepare();
    await expect(open({ cert: cert(), key: key() })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(message),
    });
  });
});

describe('a certificate whose files change', () => {
  it('is replaced within seconds, and that is told once', async () => {
    await install('shop');
    const certificates = await watched();
    const before = certificates.find('shop.test');
    await install('shop-renewed');
    await look();
    await look();
    expect(certificates.find('shop.test')).not.toBe(before);
    expect(changes).toBe(1);
    expect(told()).toEqual(['info: certificate replaced']);
    certificates.unwatch();
  });

  it('is found by the names of the new one only', async () => {
    await install('other');
    const certificates = await open(certificateFiles('shop'), { cert: cert(), key: key() });
    certificates.watch(() => changes++);
    expect(certificates.find('other.test')).not.toBe(certificates.default.context);
    await install('endpoint');
    await look();
    expect(certificates.find('other.test')).toBe(certificates.default.context);
    expect(certificates.find('endpoint.test')).not.toBe(certificates.default.context);
    certificates.unwatch();
  });

  it('stays when the new files are broken, with one warning however long they stay so', async () => {
    await install('shop');
    const certificates = await watched();
    const before = certificates.find('shop.test');
    await writeFile(cert(), 'half of a certificate');
    await look();
    await look();
    await look();
    expect(certificates.find('shop.test')).toBe(before);
    expect(changes).toBe(0);
    expect(told()).toEqual(['warn: certificate kept, because its new files cannot be used']);
    expect(log.entries[0]?.fields).toMatchObject({ listener: 'web', certificate: cert() });
    certificates.unwatch();
  });

  it('stays while a file is gone, and is replaced when both are there again', async () => {
    await install('shop');
    const certificates = await watched();
    const before = certificates.find('shop.test');
    await rm(key());
    await look();
    expect(certificates.find('shop.test')).toBe(before);
    await install('shop-renewed');
    await look();
    expect(certificates.find('shop.test')).not.toBe(before);
    expect(told()).toEqual([
      'warn: certificate kept, because its new files cannot be used',
      'info: certificate replaced',
    ]);
    certificates.unwatch();
  });

  it('is left alone after the end of the watch, and keeps no timer', async () => {
    await install('shop');
    const certificates = await watched();
    certificates.unwatch();
    expect(clock.pendingTimers).toBe(0);
  });
});
