import type { z } from 'zod';
import { endpointView, undrainedView } from '../admin/api.ts';
import { type AdminRequest, type AskOptions, askAdmin } from './admin-client.ts';
import { pathOfEndpoint } from './endpoints.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** Which nodes are asked: an addition is one of each. */
export interface AskAllOptions extends Omit<AskOptions, 'url'> {
  /** Their admin listeners. Default: the one that the configuration names. */
  readonly url?: readonly string[];
}

/** What `holdfast endpoints add` is told. */
export interface AddOptions extends AskAllOptions {
  readonly id?: string;
  readonly weight?: string;
  readonly backup?: true;
  readonly maxConnections?: string;
}

/** What `holdfast endpoints remove` is told. */
export interface RemoveOptions extends AskAllOptions {
  readonly force?: true;
}

/** Adds an endpoint to a pool, at each of the nodes. */
export function addEndpoint(
  pool: string,
  url: string,
  options: AddOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { id, weight, backup, maxConnections } = options;
  const numbers = {
    ...(weight !== undefined && { weight: Number(weight) }),
    ...(maxConnections !== undefined && { maxConnections: Number(maxConnections) }),
  };
  const request = {
    method: 'POST',
    path: `/endpoints/${encodeURIComponent(pool)}`,
    body: { url, id, backup, ...numbers },
    answer: endpointView,
  } as const;
  return askEach(options, terminal, request, (added) => `${added.id} is ${added.standing}`);
}

/** Removes an endpoint that was added, from each of the nodes. */
export async function removeEndpoint(
  id: string,
  options: RemoveOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const path = pathOfEndpoint(id, terminal);
  if (path === undefined) return EXIT.usage;
  const request = {
    method: 'DELETE',
    path: options.force === true ? `${path}?force=true` : path,
    answer: undrainedView,
  } as const;
  return askEach(options, terminal, request, () => `${id} is removed`);
}

/** Asks one node after the other, also after one that refuses. Ends as well as the worst of them. */
async function askEach<Answer extends z.ZodType>(
  { url: urls, ...options }: AskAllOptions,
  terminal: Terminal,
  request: AdminRequest<Answer>,
  words: (value: z.output<Answer>) => string,
): Promise<ExitCode> {
  const nodes = urls === undefined ? [options] : urls.map((url) => ({ ...options, url }));
  let worst: ExitCode = EXIT.ok;
  for (const node of nodes) {
    const exitCode = await askAdmin(node, terminal, request, words);
    if (exitCode > worst) worst = exitCode;
  }
  return worst;
}
