import { HoldfastError } from '@holdfast/shared';
import {
  type Config,
  type configSchema,
  type Environment,
  formatProblem,
  type ListenerConfig,
  type ParsedConfig,
  parseConfig,
} from '@holdfast/shared/config';
import { configSource, readConfigFile } from '../cli/config-file.ts';
import type { ConfigSource } from '../node/config-source.ts';

/** A whole configuration as the file writes it: durations with units, everything that has a default optional. */
export type NodeConfig = ReturnType<typeof configSchema.encode>;
type WrittenListener = NodeConfig['listeners'][number];

/**
 * What an embedded proxy is told: `pools`, and `store`, `secrets` and `cluster` where the defaults do not do, each as in the
 * configuration file. The app accepts requests and logs them, and so there is nothing to say of listeners and logs.
 */
export interface ProxyConfig extends Partial<Pick<NodeConfig, 'cluster' | 'store' | 'secrets'>> {
  readonly pools: NodeConfig['pools'];
  /** How requests are met, in the words of a listener. */
  readonly requests?: Partial<Pick<WrittenListener, 'trustedProxies' | 'debugHeaders'>> & {
    readonly limits?: Pick<NonNullable<WrittenListener['limits']>, 'bodyBytes'>;
  };
}

/** A configuration, and that listener of it whose rules hold for the requests that the app hands over. */
export interface EmbeddedConfig {
  readonly config: Config;
  readonly listener: ListenerConfig;
}

/**
 * What an embedded proxy goes by: values of a program, or the configuration file of a node, of which the first listener's
 * rules hold.
 *
 * @throws HoldfastError as {@link readNodeConfig}
 */
export async function readProxyConfig(
  given: ProxyConfig | string,
  environment: Environment,
): Promise<EmbeddedConfig> {
  const { config } = await readNodeConfig(
    typeof given === 'string' ? given : withListener(given),
    environment,
  );
  return { config, listener: config.listeners[0] as ListenerConfig };
}

/** A configuration, and where it comes from. */
export interface ReadConfig {
  readonly config: Config;
  /** Absent where it came as values. */
  readonly source?: ConfigSource;
}

/**
 * Checks what was written in a program as strictly as a file is checked; a text is the path of a file.
 *
 * @throws HoldfastError `INTERNAL` that says everything that is wrong, each with its place
 */
export async function readNodeConfig(
  given: NodeConfig | string,
  environment: Environment,
): Promise<ReadConfig> {
  if (typeof given !== 'string') {
    const text = JSON.stringify(given, undefined, 2);
    return { config: configOf(parseConfig(text, { file: 'config', environment })) };
  }
  const parsed = await readConfigFile(given, { environment });
  return { config: configOf(parsed), source: configSource(given, parsed.text, { environment }) };
}

function configOf(parsed: ParsedConfig): Config {
  if (parsed.kind === 'config') return parsed.config;
  throw new HoldfastError('INTERNAL', parsed.problems.map(formatProblem).join('\n'));
}

function withListener({ requests, ...rest }: ProxyConfig): NodeConfig {
  const pool = rest.pools[0]?.name ?? '';
  return { ...rest, listeners: [{ name: 'embedded', listen: '127.0.0.1:0', pool, ...requests }] };
}
