import type { NodeId } from '@holdfast/shared';
import type { Config, Environment } from '@holdfast/shared/config';

/** What is said of this node with all that it tells. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/**
 * The attributes of this node, in the words of OpenTelemetry's semantic conventions: the configuration counts before the
 * environment, and that before what goes without saying.
 */
export function resourceAttributes(
  { cluster, telemetry }: Pick<Config, 'cluster' | 'telemetry'>,
  node: NodeId,
  release: string,
  environment: Environment,
): ResourceAttributes {
  const { OTEL_SERVICE_NAME: serviceName, OTEL_RESOURCE_ATTRIBUTES: given } = environment;
  return {
    'service.name': 'holdfast',
    'service.namespace': cluster.name,
    'service.version': release,
    ...parsePairs(given ?? ''),
    ...(serviceName !== undefined && serviceName !== '' && { 'service.name': serviceName }),
    ...telemetry.resource,
    'service.instance.id': node,
  };
}

/** `key=value,key=value`, values percent-encoded (W3C Baggage section 3.3); what cannot be read is left out. */
function parsePairs(text: string): ResourceAttributes {
  const pairs = text.split(',').flatMap((pair) => {
    const [, key, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    const decoded = value === undefined ? undefined : percentDecoded(value);
    return key === undefined || decoded === undefined ? [] : [[key, decoded] as const];
  });
  return Object.fromEntries(pairs);
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
