import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@holdfast/shared';
import { describe, expect, it, onTestFinished } from 'vitest';
import { choosePorts } from './ports.ts';
import { DemoProcess, type ProcessPlan } from './processes.ts';
import { until } from './until.ts';

const SERVE = `
  const [port, answer] = process.argv.slice(1);
  require('node:http').createServer((_, response) => response.end(answer)).listen(Number(port), '127.0.0.1');
  process.send({ pid: process.pid });
`;

/** A process that answers with `mine` on the port, and what it said and how it was lost. */
function plan(port: number, more: Partial<ProcessPlan> = {}) {
  const messages: { pid: number }[] = [];
  const losses: string[] = [];
  const process_ = new DemoProcess(
    {
      name: 'the process',
      command: process.execPath,
      args: ['--eval', SERVE, String(port), 'mine'],
      readyUrl: `http://127.0.0.1:${port}/`,
      readyAnswer: 'mine',
      onMessage: (message) => messages.push(message as { pid: number }),
      onLoss: (how) => losses.push(how),
      ...more,
    },
    systemClock,
  );
  onTestFinished(() => process_.end('SIGKILL'));
  return { process: process_, messages, losses };
}

describe('a process of the demo', () => {
  it('is ready when it has started, gone when it has ended, and can be started again', async () => {
    const { port } = await choosePorts({ port: 0 });
    const { process, messages, losses } = plan(port);
    await process.start();
    expect(process.isRunning).toBe(true);
    await process.end('SIGKILL');
    expect(process.isRunning).toBe(false);
    await process.start();
    expect(new Set(messages.map(({ pid }) => pid)).size).toBe(2);
    expect(losses).toEqual([]);
  });

  it('is started once, however often it is asked to start', async () => {
    const { port } = await choosePorts({ port: 0 });
    const { process, messages } = plan(port);
    await Promise.all([process.start(), process.start()]);
    expect(messages).toHaveLength(1);
  });

  it('is not mistaken for a stranger who has taken its port', async () => {
    const stranger = createServer((_, response) => response.end('another demo')).listen(0, '127.0.0.1');
    onTestFinished(() => void stranger.close());
    await once(stranger, 'listening');
    const { process } = plan((stranger.address() as AddressInfo).port);
    await expect(process.start()).rejects.toThrow(/the process ended before it was ready: .*EADDRINUSE/s);
  });

  it('says why it could not be started', async () => {
    const { process } = plan(1, { command: '/nowhere/to/be/found' });
    await expect(process.start()).rejects.toThrow(/ENOENT/);
  });

  it('tells of its end when nobody here ended it', async () => {
    const { port } = await choosePorts({ port: 0 });
    const { process: lost, messages, losses } = plan(port);
    await lost.start();
    process.kill(messages[0]?.pid as number, 'SIGKILL');
    const patience = { clock: systemClock, deadlineMs: 5_000 };
    expect(await until('the loss is told', () => losses[0], patience)).toBe('SIGKILL');
    expect(lost.isRunning).toBe(false);
  });
});
