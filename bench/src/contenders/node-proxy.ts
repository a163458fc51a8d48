import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { NodeProxySettings } from '../node-proxies/sticky-cookie.ts';
import type { Contender, Setup } from './contender.ts';

const require = createRequire(import.meta.url);

/** The version of an installed npm package. */
const packageVersion = (name: string): string =>
  (require(`${name}/package.json`) as { readonly version: string }).version;

/** A contender that is a Node library: run by the Node that runs the bench, from a program in `node-proxies`. */
export const nodeProxy = (
  name: string,
  packageName: string,
  { lacksWebSocket = false }: Pick<Contender, 'lacksWebSocket'> = {},
): Contender => ({
  name,
  title: packageName,
  lacksWebSocket,
  programs: [],
  version: () => packageVersion(packageName),
  launch: (setup) => ({
    files: {},
    command: process.execPath,
    args: [
      '--no-deprecation',
      fileURLToPath(new URL(`../node-proxies/${name}.ts`, import.meta.url)),
      JSON.stringify(settingsOf(setup)),
    ],
    env: { NODE_ENV: 'production' },
  }),
});

const settingsOf = ({ port, endpoints, accessLog, certificate }: Setup): NodeProxySettings => ({
  port,
  accessLog,
  ...(certificate && { certificate }),
  endpoints: endpoints.map((endpoint) => `http://127.0.0.1:${endpoint.port}`),
});
