import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { BenchError } from '../bench-error.ts';
import { freePorts } from '../machine/free-port.ts';
import { readTreeMemory } from '../machine/memory.ts';
import { startPinned } from '../machine/pinned-process.ts';
import { untilAnswered } from '../machine/ready.ts';
import { ENDPOINTS, keyOf } from './synthetic-sessions.ts';

const TABLE = 'sessions';
/** One line of HAProxy's commands is at most as long as its buffer, 16 KiB. */
const ENTRIES_PER_LINE = 200;

/** What a session takes in a stick table of HAProxy that has as many, in bytes: memory of the process, less what it had before. */
export async function stickTableBytesPerSession(
  directory: string,
  cores: string,
  sessions: number,
): Promise<number> {
  mkdirSync(directory, { recursive: true });
  const [port] = (await freePorts(1)) as [number];
  const control = join(directory, 'control.sock');
  const file = join(directory, 'haproxy.cfg');
  writeFileSync(file, configuration(port, control, sessions));
  const outputFile = join(directory, 'output.log');
  await using haproxy = await startPinned({
    cores,
    command: 'haproxy',
    args: ['-db', '-f', file],
    outputFile,
  });
  await untilAnswered(haproxy, { port, secure: false }, outputFile);
  const before = readTreeMemory(haproxy.pid);
  for (let first = 0; first < sessions; first += ENTRIES_PER_LINE) {
    await tell(control, setEntries(first, Math.min(first + ENTRIES_PER_LINE, sessions)));
  }
  const used = /used:(\d+)/.exec(await tell(control, 'show table'))?.[1];
  if (Number(used) !== sessions) throw new BenchError(`the stick table has ${used} entries of ${sessions}`);
  return (readTreeMemory(haproxy.pid) - before) / sessions;
}

/** What `stick on` makes of a table: each entry has the server's number and its name. */
const configuration = (port: number, control: string, sessions: number): string => `
global
  nbthread 1
  maxconn 256
  stats socket ${control} level admin

defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s

frontend web
  bind 127.0.0.1:${port}
  http-request return status 200
  default_backend ${TABLE}

backend ${TABLE}
  stick-table type string len 32 size ${sessions} expire 20m
  stick on req.cook(sid)
  ${Array.from({ length: ENDPOINTS }, (_, index) => `server shop-${index} 127.0.0.1:${port}`).join('\n  ')}
`;

function setEntries(from: number, to: number): string {
  const commands: string[] = [];
  for (let index = from; index < to; index++) {
    commands.push(`set table ${TABLE} key ${keyOf(index)} data.server_id ${1 + (index % ENDPOINTS)}`);
  }
  return commands.join(';');
}

/** Sends a line of commands to HAProxy, which closes the connection after its answer. */
async function tell(control: string, commands: string): Promise<string> {
  const socket = connect(control);
  let answer = '';
  socket.setEncoding('latin1').on('data', (piece: string) => {
    answer += piece;
  });
  socket.write(`${commands}\n`);
  await once(socket, 'end');
  socket.destroy();
  return answer;
}
