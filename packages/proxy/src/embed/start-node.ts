import type { Environment } from '@holdfast/shared/config';
import { startNode as startNodeWith } from '../compose.ts';
import type { RunningNode } from '../node/running-node.ts';
import type { Middleware } from '../route/middleware.ts';
import { type NodeConfig, readNodeConfig } from './proxy-config.ts';

export interface NodeOptions {
  /** What runs in front of the routes of every listener. Default: nothing, which costs nothing. */
  readonly middleware?: Middleware;
  /** What `${NAME}` in the configuration is replaced from, such as `process.env`. Default: nothing. */
  readonly environment?: Environment;
}

/**
 * Runs a node of Holdfast within a program of your own, with middleware of your own in front, on whichever server its
 * listeners name.
 *
 * @param config the path of a configuration file, which is followed when it changes; or what one would say, as values
 * @throws HoldfastError `INTERNAL` if the configuration is wrong, saying everything that is, if an address cannot be had,
 *   or if the store's file or that of a certificate cannot be opened. A store that is merely unavailable is no reason
 *   not to start. What middleware throws while it is put in place is thrown as it is.
 */
export async function startNode(
  config: NodeConfig | string,
  options: NodeOptions = {},
): Promise<RunningNode> {
  const { middleware, environment = {} } = options;
  const read = await readNodeConfig(config, environment);
  const { source } = read;
  return startNodeWith(read.config, {
    environment,
    ...(source && { source }),
    ...(middleware && { middleware }),
  });
}
