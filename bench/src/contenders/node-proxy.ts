import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contender.ts';

const require = createRequire(import.meta.url);

/** The version of an installed npm package. */
const packageVersion = (name: string): string =>
  (require(`${name}/package.json`) as { readonly version: string }).version;

/** A contender that is a Node library: run by the Node that runs the bench, from a program in `node-proxies`. */
export const nodeProxy = (name: string, title: string, packageName: string): Contender => ({
  name,
  title,
  programs: [],
  version: () => packageVersion(packageName),
  launch: ({ port, endpoints, accessLog }) => ({
    files: {},
    command: process.execPath,
    args: [
      '--no-deprecation',
      fileURLToPath(new URL(`../node-proxies/${name}.ts`, import.meta.url)),
      JSON.stringify({
        port,
        accessLog,
        endpoints: endpoints.map((endpoint) => `http://127.0.0.1:${endpoint.port}`),
      }),
    ],
    env: { NODE_ENV: 'production' },
  }),
});
