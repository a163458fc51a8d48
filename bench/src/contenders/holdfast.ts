import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Contender, HEALTH_CHECK_SECONDS, type Launch, type Setup, STICKY_COOKIE } from './contender.ts';
import { readStoreOperations } from './holdfast-status.ts';

/** Where Holdfast keeps its session map in this run. */
export type HoldfastStore = 'memory' | 'sqlite' | 'redis';

/** What the run chose for Holdfast alone. */
export interface HoldfastOptions {
  readonly store: HoldfastStore;
  /** Needed with the store `redis`. */
  readonly redisPort?: number;
  /** Where Node writes a CPU profile when Holdfast exits. Default: none is taken. */
  readonly profileDirectory?: string;
}

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Holdfast as a user starts it: the command and a configuration file. */
export const holdfast = (options: HoldfastOptions): Contender => ({
  name: 'holdfast',
  title: `Holdfast, ${options.store} store`,
  programs: [],
  passesThrough: true,
  version,
  launch: (setup) => launch(setup, options),
  storeOperations: ({ adminPort }) => readStoreOperations(adminPort),
});

function version(): string {
  const manifest = JSON.parse(readFileSync(pathOf('../../../packages/proxy/package.json'), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}

function launch(setup: Setup, options: HoldfastOptions): Launch {
  const profile =
    options.profileDirectory === undefined
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${options.profileDirectory}`];
  return holdfastCommand(setup.directory, configuration(setup, options), profile);
}

/** `holdfast run` with a configuration, in this directory. */
export const holdfastCommand = (
  directory: string,
  config: object,
  nodeOptions: readonly string[] = [],
): Launch => ({
  // JSON is YAML.
  files: { 'holdfast.yaml': JSON.stringify(config, undefined, 2) },
  command: pathOf('../../../bin/holdfast'),
  args: ['run', '-c', `${directory}/holdfast.yaml`],
  env: { NODE_OPTIONS: nodeOptions.join(' ') },
});

const configuration = (setup: Setup, options: HoldfastOptions) => ({
  cluster: { name: 'bench', node: 'n1' },
  store: { url: storeUrl(setup, options) },
  secrets: ['a-secret-that-only-the-bench-uses'],
  admin: { listen: `127.0.0.1:${setup.adminPort}` },
  log: { access: setup.accessLog },
  shutdown: { deadline: '1s' },
  listeners: [{ name: 'web', listen: `127.0.0.1:${setup.port}`, pool: 'shop', ...protocolOf(setup) }],
  pools: [
    {
      name: 'shop',
      ...(setup.passesThrough ? carrying(setup) : forwarding(setup)),
    },
  ],
});

const forwarding = ({ endpoints }: Setup) => ({
  endpoints: endpoints.map(({ id, port }) => ({ id, url: `http://127.0.0.1:${port}` })),
  affinity: { type: 'cookie', name: STICKY_COOKIE },
  healthCheck: { path: '/', interval: `${HEALTH_CHECK_SECONDS}s` },
});

const carrying = ({ endpoints }: Setup) => ({
  endpoints: endpoints.map(({ id, port }) => ({ id, url: `tcp://127.0.0.1:${port}` })),
  affinity: { type: 'source-ip' },
  healthCheck: { interval: `${HEALTH_CHECK_SECONDS}s` },
});

const protocolOf = ({ certificate, passesThrough }: Setup) =>
  certificate === undefined
    ? { protocol: passesThrough ? 'tcp' : 'http' }
    : {
        protocol: 'https',
        tls: {
          certificates: [{ cert: certificate.cert, key: certificate.key }],
          minVersion: 'TLSv1.3',
        },
      };

function storeUrl({ directory }: Setup, { store, redisPort }: HoldfastOptions): string {
  if (store === 'memory') return 'memory:';
  return store === 'sqlite' ? `sqlite:${directory}/sessions.db` : `redis://127.0.0.1:${redisPort}`;
}
