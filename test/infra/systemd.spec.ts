import { execFile, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@holdfast/shared/config';
import { freePort } from '@holdfast/store/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { Child, type ChildExit } from '../support/child.ts';
import { HOLDFAST } from '../support/command.ts';
import { useStage } from '../support/stage.ts';
import { visit } from '../support/visitor.ts';

const UNIT = fileURLToPath(new URL('../../infra/systemd/holdfast.service', import.meta.url));
const USERS = fileURLToPath(new URL('../../infra/systemd/holdfast.sysusers.conf', import.meta.url));
const INSTALLED = '/usr/local/bin/holdfast';

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) process.stderr.write('the unit is not verified: systemd-analyze is not on this machine\n');

/** How exposed a service is, in tenths, by systemd's own measure: its limit for "OK" is 45. */
const EXPOSURE_MAX = 18;

/** What a unit says, by section and key. A key that is said several times has all of its values. */
function readUnit(text: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, readonly string[]>();
  for (const line of text.split('\n')) {
    const [, key, value] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) settings.set(key, [...(settings.get(key) ?? []), value]);
  }
  return settings;
}

const inSeconds = (text: string): number => Number(/^(\d+)s$/.exec(text)?.[1]);

describe('the unit of systemd', () => {
  const stage = useStage('file');
  let unit: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    unit = readUnit(await readFile(UNIT, 'utf8'));
  });

  const said = (key: string): string => {
    const values = unit.get(key) ?? [];
    if (values.length !== 1) throw new Error(`expected one ${key}, found ${values.length}`);
    return values[0] ?? '';
  };

  describe.skipIf(!hasSystemd)('as systemd sees it', () => {
    it('has nothing that is unknown or contradicts itself', async () => {
      const file = await hereabouts();
      const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    });

    it(`leaves the service exposed by ${EXPOSURE_MAX / 10} of 10 at most`, async () => {
      const options = ['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE_MAX}`];
      const { status, stdout } = spawnSync('systemd-analyze', [...options, await hereabouts()], {
        encoding: 'utf8',
      });
      expect(status, stdout).toBe(0);
    });

    /** The unit, with the command where it is on this machine. */
    async function hereabouts(): Promise<string> {
      const file = join(stage().dir, 'holdfast.service');
      await writeFile(file, (await readFile(UNIT, 'utf8')).replaceAll(INSTALLED, HOLDFAST));
      return file;
    }
  });

  it('runs as the user that its sysusers file makes', async () => {
    expect(await readFile(USERS, 'utf8')).toContain(
      `\nu ${said('User')} - "Holdfast" ${said('WorkingDirectory')}\n`,
    );
  });

  it('waits longer for the end than a node takes by default, and never starts again what is wrong', () => {
    const parsed = parseConfig(CONFIG(1, 2, 'http://10.0.0.1'), { file: 'holdfast.yaml', environment: {} });
    if (parsed.kind !== 'config') throw new Error('the configuration has problems');
    const { delay, deadline } = parsed.config.shutdown;
    expect(inSeconds(said('TimeoutStopSec')) * 1000).toBeGreaterThan(delay + deadline);
    expect(Number(said('LimitNOFILE'))).toBeGreaterThan(
      2 * parsed.config.listeners.reduce((sum, { limits }) => sum + limits.connections, 0),
    );
  });

  it('validates, starts, tells when it serves, reloads and ends a node by its commands', async () => {
    const [port, adminPort] = [await freePort(), await freePort()];
    const endpoint = (await stage().startEndpoints(1))[0];
    const file = join(stage().dir, 'holdfast.yaml');
    await writeFile(file, CONFIG(port, adminPort, endpoint?.url ?? ''));
    /** A command of the unit, where this machine has what it names. */
    const command = (key: string): Command => {
      const words = said(key).replace('/etc/holdfast/holdfast.yaml', file).split(' ');
      expect(words[0]).toBe(INSTALLED);
      return { command: HOLDFAST, args: words.slice(1) };
    };
    expect(await run(command('ExecStartPre'))).toBe(0);
    const node = new Child({ name: 'holdfast.service', ...command('ExecStart') });
    expect(await run(command('ExecStartPost'))).toBe(0);
    const client = stage().client(`http://127.0.0.1:${port}`);
    expect((await visit(client)).status).toBe(200);
    await writeFile(file, CONFIG(port, adminPort, endpoint?.url ?? '').replace('web', 'shop'));
    expect(await run(command('ExecReload'))).toBe(0);
    await writeFile(file, 'listeners: nonsense');
    expect(await run(command('ExecReload'))).toBe(2);
    expect((await visit(client)).status).toBe(200);
    expect(await node.end(said('KillSignal') as NodeJS.Signals)).toEqual<ChildExit>({
      code: 0,
      signal: null,
    });
    // That of the unit is one that systemd does not try again.
    const wrong = new Child({ name: 'holdfast.service', ...command('ExecStart') });
    expect((await wrong.exit).code).toBe(Number(said('RestartPreventExitStatus')));
    expect(await run(command('ExecStartPre'))).toBe(2);
  });
});

interface Command {
  readonly command: string;
  readonly args: readonly string[];
}

/** Runs a command to its end; answers with its exit code. */
const run = ({ command, args }: Command): Promise<number> =>
  new Promise((resolve) => {
    const child = execFile(command, [...args], { timeout: 60_000 }, () => resolve(child.exitCode ?? -1));
  });

const CONFIG = (port: number, adminPort: number, url: string): string => `
secrets: ["a secret of sixteen signs"]
admin: { listen: "127.0.0.1:${adminPort}" }
listeners: [{ name: web, listen: "127.0.0.1:${port}", pool: shop }]
pools: [{ name: shop, endpoints: [{ id: a, url: "${url}" }] }]
`;
