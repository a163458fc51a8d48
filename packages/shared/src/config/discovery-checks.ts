import type { ConfigPath } from './config-path.ts';
import type { DiscoveryConfigOf } from './discovery-schema.ts';
import type { Finding } from './problem.ts';
import type { PoolConfig } from './schema.ts';

/** What a pool gets wrong about who names its endpoints. */
export function discoveryProblems(
  { endpoints, discovery, healthCheck }: PoolConfig,
  poolIndex: number,
): readonly Finding[] {
  const path: ConfigPath = ['pools', poolIndex];
  if (discovery === undefined)
    return endpoints.length > 0 ? [] : [at([...path, 'endpoints'], NOBODY_NAMES_THEM)];
  return [
    ...(endpoints.length > 0 ? [at([...path, 'discovery'], BOTH_NAME_THEM)] : []),
    ...(discovery.type === 'dns' ? dnsProblems(discovery, [...path, 'discovery']) : []),
    ...(discovery.type === 'kubernetes' && healthCheck?.incarnation !== undefined
      ? [at([...path, 'healthCheck', 'incarnation'], TOLD_BY_KUBERNETES)]
      : []),
    ...(discovery.type === 'kubernetes' &&
    discovery.context !== undefined &&
    discovery.kubeconfig === undefined
      ? [at([...path, 'discovery', 'context'], CONTEXT_OF_NOTHING)]
      : []),
  ];
}

function dnsProblems(
  { record, port, interval, intervalMax }: DiscoveryConfigOf<'dns'>,
  path: ConfigPath,
): readonly Finding[] {
  return [
    ...(record === 'a' && port === undefined ? [at([...path, 'port'], PORT_OF_ADDRESSES)] : []),
    ...(record === 'srv' && port !== undefined ? [at([...path, 'port'], PORT_OF_SRV)] : []),
    ...(intervalMax < interval ? [at([...path, 'intervalMax'], SHORTER_THAN_SHORTEST)] : []),
  ];
}

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });

const NOBODY_NAMES_THEM = 'expected at least one endpoint, or discovery, found neither';
const BOTH_NAME_THEM = 'expected in place of endpoints, found beside them';
const PORT_OF_ADDRESSES = 'expected a port, because addresses have none, found nothing';
const PORT_OF_SRV = 'expected none beside record: srv, whose records say it, found one';
const SHORTER_THAN_SHORTEST = 'expected at least the interval, found a shorter time';
const TOLD_BY_KUBERNETES =
  'expected none beside discovery of type kubernetes, which tells pods apart, found one';
const CONTEXT_OF_NOTHING = 'expected only beside a kubeconfig, found it without';
