import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../machine/free-port.ts';
import { type PinnedProcess, startPinned } from '../machine/pinned-process.ts';
import { untilAnswered } from '../machine/ready.ts';
import type { Answering } from './answers.ts';

/** An address that serves, as the configuration of a proxy names it. */
export interface Endpoint {
  readonly id: string;
  readonly port: number;
}

/** The response header in which an endpoint says its id: how a moved session is noticed. */
export const SERVED_BY = 'x-served-by';

const COUNT = 4;

/** Four keep-alive endpoints in one process. */
export interface Endpoints extends AsyncDisposable {
  readonly all: readonly Endpoint[];
}

/**
 * Starts the endpoints of HTTP cases: one nginx, because an endpoint that costs little leaves its core to the load
 * generator. `/` answers 200 to health checks, whatever the case.
 */
export const startEndpoints = (directory: string, cores: string, answering: Answering): Promise<Endpoints> =>
  startProgram(directory, cores, (all) => nginxCommand(directory, all, answering));

/** Writes the files of an nginx that is these endpoints into its directory, and returns its command line. */
export function nginxCommand(
  directory: string,
  endpoints: readonly Endpoint[],
  answering: Answering,
): readonly [string, ...string[]] {
  const configFile = join(directory, 'nginx.conf');
  writeFileSync(configFile, configuration(directory, endpoints, answering));
  writeFileSync(join(directory, 'answer'), answering.file ?? '');
  return ['nginx', '-p', directory, '-e', 'stderr', '-c', configFile];
}

/** Starts the endpoints of the WebSocket case, which echo the messages of clients. `/` answers 200. */
export const startEchoEndpoints = (directory: string, cores: string): Promise<Endpoints> =>
  startProgram(directory, cores, (all) => [process.execPath, ECHO_PROGRAM, JSON.stringify(all)]);

const ECHO_PROGRAM = fileURLToPath(new URL('websocket-echo.ts', import.meta.url));

async function startProgram(
  directory: string,
  cores: string,
  commandFor: (endpoints: readonly Endpoint[]) => readonly [string, ...string[]],
): Promise<Endpoints> {
  mkdirSync(directory, { recursive: true });
  const all = (await freePorts(COUNT)).map((port, index) => ({ id: `e${index + 1}`, port }));
  const [command, ...args] = commandFor(all);
  const outputFile = join(directory, 'output.log');
  const program: PinnedProcess = await startPinned({ cores, command, args, outputFile });
  await Promise.all(all.map(({ port }) => untilAnswered(program, { port, secure: false }, outputFile)));
  return { all, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}

const configuration = (directory: string, endpoints: readonly Endpoint[], answering: Answering): string => `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  default_type application/json;
  open_file_cache max=10;
  ${endpoints.map((endpoint) => endpointBlock(endpoint, answering.locations(directory))).join('\n  ')}
}
`;

const endpointBlock = ({ id, port }: Endpoint, locations: string): string => `server {
    listen 127.0.0.1:${port};
    add_header X-Served-By ${id};
    add_header Cache-Control "no-cache";
    add_header Vary "Accept-Encoding";
    add_header ETag '"5f1a-cart"';
    add_header X-Content-Type-Options "nosniff";
    location / { return 200 'ok'; }
    ${locations}
  }`;
