import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The command of a dnsmasq that serves what a Corefile says of its one hosts file. Both read the file again when it changes
 * and have the same lifetime for its records; in what order they name addresses is their own affair.
 */
export async function dnsmasqFor(corefile: string, address: string): Promise<readonly string[]> {
  const text = await readFile(corefile, 'utf8');
  const [, file = ''] = /^\s*hosts (\S+) \{/m.exec(text) ?? [];
  const [, ttl = ''] = /^\s*ttl (\d+)$/m.exec(text) ?? [];
  return [
    'dnsmasq',
    ...['--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--log-facility=-'],
    ...['--no-resolv', '--no-hosts', '--bind-interfaces', `--listen-address=${address}`],
    ...[`--hostsdir=${dirname(file)}`, `--local-ttl=${ttl}`],
  ];
}
