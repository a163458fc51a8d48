import type { Config } from '@holdfast/shared/config';
import type { ListenerSet } from './listener-set.ts';
import type { NodeCore } from './node-core.ts';
import { openTls } from './open-tls.ts';

/** Everything that a configuration needs, ready to be taken on. */
export interface PreparedParts {
  /** Goes over to it, at once. */
  commit(): void;
  /** Leaves everything as it was. */
  discard(): Promise<void>;
}

/**
 * Makes everything that a node needs to go by a configuration, at its start as later: certificates are read, pools made
 * and their endpoints looked for, sockets opened. Nothing that serves already is changed.
 *
 * @throws HoldfastError `INTERNAL` naming the file that cannot be used, the package that is missing, or the address that
 *   cannot be had
 */
export async function prepareParts(
  config: Config,
  { pools, secrets, clock, log }: NodeCore,
  listeners: ListenerSet,
): Promise<PreparedParts> {
  const { terminations, endpointTls } = await openTls(config, clock, log);
  const preparedPools = pools.prepare({ pools: config.pools, secrets: secrets.of(config), endpointTls });
  const { forwarders, passages } = preparedPools;
  const resources = { forwarders, passages, terminations };
  try {
    await preparedPools.discover();
    const preparedListeners = await listeners.prepare(config.listeners, resources);
    return {
      commit() {
        preparedPools.commit();
        preparedListeners.commit(config.shutdown);
      },
      discard() {
        preparedPools.discard();
        return preparedListeners.discard();
      },
    };
  } catch (error) {
    preparedPools.discard();
    throw error;
  }
}
