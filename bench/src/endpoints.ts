import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-port.ts';
import { type PinnedProcess, startPinned } from './pinned-process.ts';
import { untilAnswered } from './ready.ts';

/** An address that serves, as the configuration of a proxy names it. */
export interface Endpoint {
  readonly id: string;
  readonly port: number;
}

/** The response header in which an endpoint says its id: how a moved session is noticed. */
export const SERVED_BY = 'x-served-by';

const COUNT = 4;

const BODY = JSON.stringify({
  cart: { id: '7c1d9a44', currency: 'EUR', total: 12_890 },
  items: [
    { sku: 'KELP-0042', title: 'Kelp rope, 20 m', quantity: 2, price: 4_450 },
    { sku: 'ROCK-0007', title: 'Mooring stone', quantity: 1, price: 3_990 },
  ],
});

/** Four keep-alive endpoints in one process. */
export interface Endpoints extends AsyncDisposable {
  readonly all: readonly Endpoint[];
}

/**
 * Starts the endpoints: one nginx that answers from its configuration, because an endpoint that costs
 * little leaves its core to the load generator. Every path answers 200, so health checks pass.
 */
export async function startEndpoints(directory: string, cores: string): Promise<Endpoints> {
  mkdirSync(directory, { recursive: true });
  const all = (await freePorts(COUNT)).map((port, index) => ({ id: `e${index + 1}`, port }));
  const configFile = join(directory, 'nginx.conf');
  writeFileSync(configFile, configuration(directory, all));
  const nginx: PinnedProcess = await startPinned({
    cores,
    command: 'nginx',
    args: ['-p', directory, '-e', 'stderr', '-c', configFile],
    outputFile: join(directory, 'output.log'),
  });
  await Promise.all(all.map(({ port }) => untilAnswered(nginx, port, join(directory, 'output.log'))));
  return { all, [Symbol.asyncDispose]: () => nginx[Symbol.asyncDispose]() };
}

const configuration = (directory: string, endpoints: readonly Endpoint[]): string => `
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
  ${endpoints.map(endpointBlock).join('\n  ')}
}
`;

const endpointBlock = ({ id, port }: Endpoint): string => `server {
    listen 127.0.0.1:${port};
    add_header X-Served-By ${id};
    add_header Cache-Control "no-cache";
    add_header Vary "Accept-Encoding";
    add_header ETag '"5f1a-cart"';
    add_header X-Content-Type-Options "nosniff";
    location / { return 200 '${BODY}'; }
  }`;
