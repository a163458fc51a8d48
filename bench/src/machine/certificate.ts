import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../bench-error.ts';

/** The files of the certificate that every contender shows to clients. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Both in one file. */
  readonly pem: string;
}

/** Makes a certificate for an ECDSA key on P-256 that has signed itself. */
export function makeCertificate(directory: string): Certificate {
  mkdirSync(directory, { recursive: true });
  const [cert, key, pem] = ['cert.pem', 'key.pem', 'both.pem'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  const names = [
    '-subj',
    '/CN=shop.example.com',
    '-addext',
    'subjectAltName=DNS:shop.example.com,IP:127.0.0.1',
  ];
  const files = ['-keyout', key, '-out', cert];
  const { status, stderr } = spawnSync('openssl', ['req', ...kind, ...names, ...files], { encoding: 'utf8' });
  if (status !== 0) throw new BenchError(`openssl makes no certificate:\n${stderr}`);
  writeFileSync(pem, `${readFileSync(cert, 'utf8')}${readFileSync(key, 'utf8')}`);
  return { cert, key, pem };
}
